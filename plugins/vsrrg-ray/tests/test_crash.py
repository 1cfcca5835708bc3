"""Workers and farms that are killed: what is finished stays, and the rest is done again.

An ffmpeg that waits for a token before it decodes holds each piece where it is, until the test has done
what it wants to do to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.ffmpeg.media import LOSSLESS, raw
from tests.pieces.pieces_support import long_clip
from vsrrg.engine import Options
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

pytestmark = pytest.mark.timeout(180)


class Gate:
    """Lets as many pieces be decoded as there are tokens."""

    def __init__(self, folder: Path) -> None:
        self.tokens = folder / "tokens"
        self.tokens.mkdir()
        self.ffmpeg = folder / "ffmpeg-gated"
        self.ffmpeg.write_text(
            f"""#!/bin/sh
case "$*" in
*"-f nut"*" pipe:1")
    while :; do
        for token in "{self.tokens}"/*; do rmdir "$token" 2>/dev/null && break 2; done
        kill -0 $PPID 2>/dev/null || exit 1
        sleep 0.05
    done ;;
esac
exec "{find_ffmpeg()}" "$@"
"""
        )
        self.ffmpeg.chmod(self.ffmpeg.stat().st_mode | stat.S_IXUSR)
        self._given = 0
        self.temporary = Path(tempfile.mkdtemp(prefix="farm-", dir="/tmp"))
        """For what Ray leaves behind where it is killed; of a short name."""

    def give(self, count: int) -> None:
        for _ in range(count):
            self._given += 1
            (self.tokens / str(self._given)).mkdir()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    shutil.rmtree(gate.temporary, ignore_errors=True)


def start(path: Path, out: Path, gate: Gate, *words: str) -> subprocess.Popen[str]:
    """A farm of one worker in a process of its own."""
    # A shell's background jobs start deaf to SIGINT.
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from vsrrg.cli.main import main; main()"
    command = [sys.executable, "-c", script, "farm", str(path), "--out", str(out), "--model", "consensus"]
    command += ["--workers", "1", "--cores-per-worker", "1", "--piece", "40", "--ffmpeg-args", LOSSLESS]
    environment = {**os.environ, "VSRRG_FFMPEG": str(gate.ffmpeg), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"TMPDIR": str(gate.temporary)}
    environment.pop("RAY_ADDRESS", None)
    return subprocess.Popen(
        [*command, *words], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def until[T](look: Callable[[], T | None], job: subprocess.Popen[str]) -> T:
    """What `look` finds, once it does; fails if the job ends before."""
    while True:
        found = look()
        if found is not None:
            return found
        if job.poll() is not None:
            pytest.fail(f"the farm ended with {job.returncode}: {job.communicate()}")
        time.sleep(0.02)


def claimed(out: Path, but: int = 0) -> tuple[str, int] | None:
    """A piece that a worker is at, and the worker's process, which is not `but`."""
    for path in out.glob(".vsrrg-*/*.claim"):
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):  # finished, or just begun
            pid = json.loads(path.read_text())["pid"]
            if pid != but:
                return path.stem, pid
    return None


def finished(out: Path, count: int) -> list[Path] | None:
    """The notes of finished pieces, once there are so many."""
    notes = sorted(out.glob(".vsrrg-*/[0-9]*.json"))
    return notes if len(notes) >= count else None


def gone(pid: int) -> bool | None:
    """True once there is no such process, or only its remains."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return True if state == "Z" else None


def test_killed_worker_killed_farm_and_the_same_command_again(tmp_path: Path, gate: Gate) -> None:
    path, out = long_clip(tmp_path / "in.mkv", frames=160), tmp_path / "out"
    once = tmp_path / "once.mkv"
    derain_file(path, once, Options(model="consensus", device="cpu"), EncodeOptions(ffmpeg_args=LOSSLESS))

    first = start(path, out, gate)
    piece, worker = until(lambda: claimed(out), first)
    os.kill(worker, signal.SIGKILL)
    again, other = until(lambda: claimed(out, but=worker), first)
    assert again == piece == "00000"
    gate.give(2)
    notes = until(lambda: finished(out, 2), first)
    until(lambda: claimed(out), first)
    first.kill()
    first.wait()
    assert [path.name for path in out.iterdir() if path.suffix == ".mkv"] == []
    made = {note: note.stat().st_mtime_ns for note in notes}
    deadline = time.monotonic() + 60
    while not gone(other) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(other), "a worker outlived its farm"

    gate.give(100)
    report = tmp_path / "report.json"
    second = start(path, out, gate, "--report", str(report))
    _, messages = second.communicate()
    assert second.returncode == 0, messages
    assert "Traceback" not in messages
    pieces = [task["piece"] for task in json.loads(report.read_text())["tasks"] if task["task"] == "derain"]
    assert pieces == [2, 3] and len(made) == 2
    assert [path.name for path in out.iterdir()] == ["in.mkv"]
    assert np.array_equal(raw(once), raw(out / "in.mkv"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(tmp_path: Path, gate: Gate, number: signal.Signals, code: int) -> None:
    path, out = long_clip(tmp_path / "in.mkv"), tmp_path / "out"
    job = start(path, out, gate)
    _, worker = until(lambda: claimed(out), job)
    job.send_signal(number)
    _, messages = job.communicate()
    assert job.returncode == code
    assert "Traceback" not in messages
    assert gone(worker)
    (folder,) = out.iterdir()
    assert folder.name.startswith(".vsrrg-in-")
