"""vsrrg derain --resume: killed at any moment, it goes on, and makes the file that it makes undisturbed."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.cli import resume_support
from tests.cli.cli_support import python
from tests.cli.test_derain import RUN
from tests.ffmpeg.media import LOSSLESS, raw, times
from tests.pieces.pieces_support import OPEN_GOP, contents, long_clip

pytestmark = pytest.mark.timeout(400)

HELD = RUN.replace(
    "in frames:\n",
    "in frames:\n"
    "            Flip.count = getattr(Flip, 'count', 0) + 1\n"
    "            while Flip.count > 60 and os.path.exists(os.environ.get('HOLD', '')): time.sleep(0.02)\n",
).replace("import sys\n", "import os, sys, time\nfrom vsrrg.pieces import sequence\nsequence.PIECE = 20\n")
"""The shell program with small pieces and an engine that waits after 60 frames while a file is there."""
SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload([resume_support.__name__, "vsrrg.engine", "vsrrg.pieces.worker"])


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key frames 20 frames apart, and sound."""
    return long_clip(tmp_path_factory.mktemp("film") / "in.mkv", *OPEN_GOP, "-c:a", "flac", frames=80)


def words(film: Path, target: Path) -> list[str]:
    return ["derain", str(film), str(target), "--resume", "--ffmpeg-args", LOSSLESS, "--model", "fast"]


def run(film: Path, target: Path, moment: int = 0, counted: Path | None = None) -> int | None:
    process = SPAWN.Process(target=resume_support.job, args=(words(film, target), moment, counted))
    process.start()
    process.join()
    return process.exitcode


def pieces(out: Path) -> dict[str, int]:
    """The finished pieces, and when each was made."""
    notes = out.glob(".vsrrg-*/[0-9]*.json")
    return {note.stem: note.with_suffix(".mkv").stat().st_mtime_ns for note in notes}


def test_killed_at_a_dozen_moments(film: Path, tmp_path: Path) -> None:
    once, out = tmp_path / "once.mkv", tmp_path / "out"
    out.mkdir()
    counted = tmp_path / "counted"
    assert run(film, once, counted=counted) == 0
    moments, rng = int(counted.read_text()), random.Random(20261122)
    assert moments > 120
    target, killed = out / "film.mkv", 0
    kept: dict[str, int] = {}
    while killed < 12:
        code = run(film, target, rng.randint(1, moments // 2))
        now = pieces(out)
        if code == 0:  # the rest took fewer moments
            assert np.array_equal(raw(once), raw(target))
            target.unlink()
            now = {}
        else:
            assert code == -signal.SIGKILL
            assert kept.items() <= now.items() or target.exists(), "a finished piece was made again"
            killed += 1
        kept = now
    if not target.exists():
        assert run(film, target) == 0
    assert np.array_equal(raw(once), raw(target)) and np.array_equal(raw(film) ^ 1, raw(target))
    assert contents(target) == contents(once) and times(target) == times(film)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_refused_beside_itself_and_begun_anew(
    film: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    target = tmp_path / "film.mkv"
    environment = {**os.environ, "VSRRG_PLUGINS": "off", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"HOLD": str(film)}
    # A shell's background jobs start deaf to SIGINT.
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)" + HELD
    first = subprocess.Popen(
        [sys.executable, "-c", script, *words(film, target), "--json"],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while len(pieces(tmp_path)) < 2:
        assert first.poll() is None, first.communicate()
        time.sleep(0.02)
    beside = python("-c", HELD, *words(film, target))
    assert beside.returncode == 1
    assert f"another process is at work on {str(target)!r}; wait for it" in beside.stderr
    first.send_signal(number)
    out, said = first.communicate()
    assert first.returncode == code and "Traceback" not in said
    *_, failed, summary = map(json.loads, out.splitlines())
    assert (failed["event"], failed["code"], failed["interrupted"]) == ("failed", "interrupted", True)
    assert (summary["event"], summary["done"], summary["interrupted"]) == ("summary", 0, True)
    kept = pieces(tmp_path)
    assert len(kept) >= 2
    assert [path.name for path in tmp_path.iterdir() if not path.is_dir()] == []

    changed = [] if number == signal.SIGINT else ["--strength", "0.5"]
    again = python("-c", HELD, *words(film, target), *changed)
    assert again.returncode == 0, again.stderr
    if changed:
        assert "film.mkv is begun anew, for what was there is of another strength\n" in again.stderr
    else:
        assert f"film.mkv goes on after {20 * len(kept) + 1} of 80 frames\n" in again.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["film.mkv"]
    assert np.array_equal(raw(film) ^ 1, raw(target))


def test_a_file_that_is_one_piece_is_said(film: Path, tmp_path: Path) -> None:
    done = python("-c", HELD, *words(film, tmp_path / "x.mkv"), "--filter-in", "trim=end_frame=5")
    assert done.returncode == 0, done.stderr
    assert "x.mkv is made in one piece: filters of ffmpeg may remember frames" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.mkv"]


def test_what_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mkv"
    bad.write_text("no video")
    (tmp_path / "out").mkdir()
    done = python("-c", HELD, *words(bad, tmp_path / "out" / "x.mkv"))
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert list((tmp_path / "out").iterdir()) == []
