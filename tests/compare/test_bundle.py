"""Script and style in the package are what the sources in web/ build."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from browser_support import lacking

from vsrrg.compare.page import PARTS

WEB = Path(__file__).parents[2] / "web"


def npm(*words: str | Path) -> str:
    """What npm complains about, if it fails."""
    done = subprocess.run(["npm", "--silent", *words], cwd=WEB, capture_output=True, text=True, timeout=100)
    return "" if done.returncode == 0 else done.stdout + done.stderr or "npm failed"


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    """What package-lock.json names, installed where it is not yet."""
    if shutil.which("npm") is None:
        lacking("npm is not installed")
    kept = WEB / "node_modules" / ".package-lock.json"
    if kept.exists() and kept.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime:
        return
    if trouble := npm("ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"):
        lacking(f"what web/package-lock.json names cannot be installed: {trouble}")


def test_the_bundle_is_built_from_the_sources(tmp_path: Path) -> None:
    assert npm("run", "build", "--", tmp_path) == ""
    for name in ("page.js", "page.css"):
        same = (tmp_path / name).read_bytes() == (PARTS / name).read_bytes()
        assert same, f"{name} is not what web/ builds: run 'npm ci && npm run build' there"


def test_types_fit() -> None:
    assert npm("run", "check") == ""
