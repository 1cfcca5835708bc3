"""One job at a time in a place: locks that end with their process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from vsrrg.errors import MediaError
from vsrrg.guard import guarded_lock

_IN_FOLDER = ".vsrrg-lock"


@contextlib.contextmanager
def alone_in(out: Path, *, shared: bool = False) -> Iterator[None]:
    """Makes a folder of outputs, and keeps other jobs out of it for as long as the block runs.

    Those that are `shared` bear each other: jobs of one file, which lock that file's own folder.

    Raises:
        MediaError: it cannot be made or written, or another job is at work in it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(out, error) from error
    with held(out / _IN_FOLDER, f"another job is at work in {str(out)!r}", shared=shared):
        yield


@contextlib.contextmanager
def held(path: Path, taken: str, *, shared: bool = False) -> Iterator[None]:
    """Holds a lock file for as long as the block runs; its folder is made if needed, for this user alone.

    Args:
        taken: who has it where it is taken, for the error.

    Raises:
        MediaError: it is taken, or cannot be made.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    while True:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            continue  # The folder went between the two: its job has just ended.
        except OSError as error:
            raise _unwritable(path.parent, error) from error
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise MediaError("target-taken", f"{taken}; wait for it, or write to another place") from error
        except OSError:
            break  # A storage without locks: the user must take care.
        if _is(path, descriptor):
            break
        os.close(descriptor)  # The one who had it has removed it.
    try:
        with guarded_lock(path):
            yield
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # Refused where others share it.
            if _is(path, descriptor):
                path.unlink()
        os.close(descriptor)


def _unwritable(folder: Path, error: OSError) -> MediaError:
    return MediaError("target-unwritable", f"the folder {str(folder)!r} cannot be written: {error.strerror}")


def _is(path: Path, descriptor: int) -> bool:
    """Whether the open file is the one at the path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
