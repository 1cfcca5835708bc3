"""Cleans up after this process if it is killed: no handler runs then, but another process notices.

The first thing that must not stay behind starts a small process (`vsrrg.guardian`), which waits for the end
of a pipe. When this process is gone, by `kill -9` too, it kills what was told to it and removes the files.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import IO

from vsrrg import guardian

_lock = Lock()
_guardian: tuple[int, IO[bytes]] | None = None
"""The process that started it, and the pipe; after a fork the child starts one of its own."""


@contextlib.contextmanager
def guarded_path(path: Path) -> Iterator[None]:
    """Has a file or folder removed, if it is there, should this process be killed within the block."""
    with _guarded(b"path", os.fsencode(path.absolute())):
        yield


@contextlib.contextmanager
def guarded_lock(path: Path) -> Iterator[None]:
    """Has a file that serves as a lock removed, should this process be killed within the block; not where
    another one holds it then.
    """
    with _guarded(b"lock", os.fsencode(path.absolute())):
        yield


@contextlib.contextmanager
def guarded_folder(folder: Path | None = None) -> Iterator[Path]:
    """A private folder for temporary files, which is gone afterwards in any case; by default one where the
    system has its own.
    """
    folder = folder or Path(tempfile.gettempdir(), f"vsrrg-{secrets.token_hex(8)}")
    with guarded_path(folder):  # Before it is made: signals come between any two lines.
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def guarded_process(pid: int) -> Iterator[None]:
    """Has a child and its process group killed, should this process be killed within the block."""
    with _guarded(b"process", f"{pid} {guardian.started(pid)}".encode()):
        yield


@contextlib.contextmanager
def _guarded(what: bytes, name: bytes) -> Iterator[None]:
    _tell(what, name)
    yield
    # Not after an exception: where a signal raised it, cleaning up may not have come to its end.
    _tell(b"done", name)


def _tell(what: bytes, name: bytes) -> None:
    global _guardian
    with _lock:
        if _guardian is None or _guardian[0] != os.getpid():
            _guardian = (os.getpid(), _start())
        pipe = _guardian[1]
        try:
            pipe.write(what + b" " + name + b"\0")
        except OSError:
            # It was killed itself; what comes later is guarded again.
            _guardian = None


def _start() -> IO[bytes]:
    """The pipe to a guardian; to nobody where Python is part of another program and cannot be started."""
    program = Path(sys.executable or "")
    if not program.name.startswith("python"):
        return open(os.devnull, "wb", buffering=0)
    process = subprocess.Popen(
        [program, "-I", "-S", "-B", guardian.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
    )
    process.returncode = 0  # It outlives us; so Popen must not warn that it is still running.
    assert process.stdin is not None
    return process.stdin
