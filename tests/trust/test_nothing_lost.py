"""A moment of each way of nothing_lost.py, whose whole run is a figure in docs/trust.md; and its own eyes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trust.nothing_lost import OLD, WAYS, Bench, Lost, Trial

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is left is told by Linux")


def test_whatever_ends_a_job_nothing_is_lost_or_left() -> None:
    # In a process of its own: this one has threads, and should not fork.
    command = [sys.executable, "-m", "tests.trust.nothing_lost", "--moments", "1", "--seed", "3"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, run.stderr
    assert [line.split()[0] for line in run.stdout.splitlines()] == list(WAYS)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    bench = object.__new__(Bench)
    bench.folder, bench.rng, bench.whole = tmp_path, random.Random(0), b"the new file"
    trial = Trial(bench)
    trial.code = -signal.SIGKILL
    return trial


def test_the_old_file_and_the_new_one_are_fine(trial: Trial) -> None:
    assert trial.check() == "old"
    trial.target.write_bytes(b"the new file")
    assert trial.check() == "new"


@pytest.mark.parametrize("content", [b"", OLD[:5], b"the new fi"])
def test_another_file_is_noticed(trial: Trial, content: bytes) -> None:
    trial.target.write_bytes(content)
    with pytest.raises(Lost, match="neither"):
        trial.check()


@pytest.mark.parametrize("name", ["out/.vsrrg-1.mkv", "tmp/vsrrg-abc"])
def test_what_stays_behind_is_noticed(trial: Trial, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.trust.nothing_lost.PATIENCE", 0.1)
    (trial.folder / name).touch()
    with pytest.raises(Lost, match="left after"):
        trial.check()
