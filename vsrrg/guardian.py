"""The process of `vsrrg.guard`; it needs nothing but Python itself, which makes its start quick."""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator


def main() -> None:
    """Reads what to guard from stdin; at its end kills and removes what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guarded: dict[bytes, bytes] = {}
    for message in _messages(sys.stdin.fileno()):
        what, _, name = message.partition(b" ")
        if what == b"done":
            guarded.pop(name, None)
        else:
            guarded[name] = what
    for name, what in guarded.items():
        if what == b"process":
            _kill(*map(int, name.split()))
    for name, what in guarded.items():
        if what == b"path":
            _remove(name)
        elif what == b"lock":
            _remove_lock(name)


def started(pid: int) -> int:
    """When a process was started, in clock ticks; 0 where the system does not tell, or it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name of the program, in parentheses, may hold anything.
            return int(file.read().rpartition(b")")[2].split()[19])
    except OSError:
        return 0


def _messages(pipe: int) -> Iterator[bytes]:
    """What lies between zeros; a part that has none behind it was cut off by the end of its sender."""
    held = b""
    while data := os.read(pipe, 1 << 16):
        *whole, held = (held + data).split(b"\0")
        yield from whole


def _kill(pid: int, birth: int) -> None:
    """Not where the number belongs to another process by now."""
    if started(pid) == birth:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _remove_lock(name: bytes) -> None:
    """Not where another process holds it."""
    import fcntl

    with contextlib.suppress(OSError):
        descriptor = os.open(name, os.O_RDWR)
        try:
            for _ in range(100):  # The one that was killed may be about to let go of it.
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.02)
            else:
                return
            # Who had it before may have removed it, and another have made one anew.
            if os.path.samestat(os.stat(name), os.fstat(descriptor)):
                os.unlink(name)
        finally:
            os.close(descriptor)


def _remove(name: bytes) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name)
    shutil.rmtree(name, ignore_errors=True)


if __name__ == "__main__":
    main()
