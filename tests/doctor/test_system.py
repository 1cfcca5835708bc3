"""Python, packages, memory and the temporary folder, where something is wrong with them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from vsrrg.doctor import system

GIB = 1 << 30


def test_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system.python().state == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 11, 9))
    finding = system.python()
    assert finding.state == "problem" and "Python 3.12 or later" in finding.advice


def test_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = system.packages()
    assert finding.state == "ok" and finding.facts["versions"]["torch"] == metadata.version("torch")
    assert "matplotlib" not in finding.facts["versions"]  # It belongs to an extra.

    needs = ["numpy>=2.0", "av>=14", "torch>=999", "no-such-thing>=1.5", "pytest>=99; extra == 'testing'"]
    monkeypatch.setattr(metadata, "requires", lambda name: needs)
    finding = system.packages()
    assert finding.state == "note"
    assert finding.found == (f"torch {metadata.version('torch')} is older than 999; no-such-thing is missing")
    assert finding.advice == "Install them: pip install --upgrade torch no-such-thing"

    def nothing(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", nothing)
    assert system.packages().state == "note"


@pytest.mark.parametrize(
    ("free", "state"), [(None, "ok"), (4 * GIB, "ok"), (GIB, "note"), (GIB // 2, "problem")]
)
def test_memory(free: int | None, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vsrrg.engine.free_memory.free_ram", lambda: free)
    finding = system.memory()
    assert (finding.state, finding.facts["free"]) == (state, free)
    assert ("Close other programs" in finding.advice) == (state != "ok")


def test_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    finding = system.temporary_folder()
    assert finding.state == "ok" and finding.facts["folder"] == str(tmp_path)

    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=100 << 20))
    finding = system.temporary_folder()
    assert finding.state == "note" and "100M free" in finding.found and "256M" in finding.advice

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    finding = system.temporary_folder()
    assert finding.state == "problem" and "No such file" in finding.found and "TMPDIR" in finding.advice
    assert list(tmp_path.iterdir()) == []
