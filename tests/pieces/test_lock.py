"""Locks end with their holders, and nothing of them is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vsrrg.errors import MediaError
from vsrrg.pieces.lock import alone_in, held

HOLD = """
import sys, time
from pathlib import Path
from vsrrg.pieces.lock import held
with held(Path(sys.argv[1]), "somebody is here"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_jobs_do_not_share_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    (tmp_path / "usual").mkdir()
    for _ in range(2):
        with alone_in(out):
            for shared in (False, True):
                refused = pytest.raises(MediaError, match="another job is at work in")
                with refused, alone_in(out, shared=shared):
                    pass
    assert list(out.iterdir()) == []
    assert out.stat().st_mode == (tmp_path / "usual").stat().st_mode, "others may not look at the outputs"


def test_jobs_of_one_file_share_a_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path, shared=True):
        with alone_in(tmp_path, shared=True):
            pass
        with pytest.raises(MediaError), alone_in(tmp_path):
            pass
    with alone_in(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(MediaError, match=r"^it is taken; wait for it"), held(lock, "it is taken"):
        pass
    holder.kill()
    holder.wait()
    assert lock.exists()
    with held(lock, "it is taken"):
        pass
    assert not lock.exists()


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MediaError, match="cannot be written"), alone_in(tmp_path / "file"):
        pass
