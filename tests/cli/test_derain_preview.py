"""vsrrg derain --preview: a page first, then a question, which only a terminal answers."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.cli_support import vsrrg

pytestmark = pytest.mark.timeout(120)


def test_nobody_to_ask(rainy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = vsrrg("derain", rainy, "clean.mkv", "--preview")
    assert done.returncode == 2 and list(tmp_path.iterdir()) == []
    said = "vsrrg: --preview asks whether to go on, but stdin is no terminal: add --yes\n"
    assert done.stderr == said


def test_yes_goes_on(rainy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = vsrrg("derain", rainy, "clean.mkv", "--preview", "--yes", "--model", "fast")
    assert done.returncode == 0, done.stderr
    assert f"rainy-preview.html shows what becomes of {rainy}" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.mkv", "rainy-preview.html"]


@pytest.mark.parametrize(("answer", "made"), [(b"n\n", False), (b"y\n", True)])
def test_the_answer_counts(rainy: Path, tmp_path: Path, answer: bytes, made: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "VSRRG_PLUGINS": "off", "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-m", "vsrrg", "derain", str(rainy), "clean.mkv", "--preview", "--model", "fast"]
    job = subprocess.Popen(
        words, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        env=environment | {"BROWSER": "true"},
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, answer)
    out, said = job.communicate()
    os.close(ours)
    assert (job.returncode, out) == (0, b"")
    assert b"Derain this file like that?" in said
    assert (tmp_path / "rainy-preview.html").exists()
    assert (tmp_path / "clean.mkv").exists() == made
