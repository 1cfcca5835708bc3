"""Reading pipes: whole amounts, lines, and a first look that takes nothing away."""

from __future__ import annotations

import io
from typing import IO, Any

_PROMISE = 2**28
"""Bytes that are set aside before any of them has come: a frame of 8K in 16 bits of 4:4:4 fits."""


class Peekable(io.RawIOBase):
    """A file whose first bytes can be looked at before they are read. It never seeks."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._head = b""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, which stay unread; fewer at the end of the file."""
        if len(self._head) < size:
            self._head += bytes(read_exactly(self._file, size - len(self._head)))
        return self._head[:size]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if self._head:
            count = min(len(view), len(self._head))
            view[:count] = self._head[:count]
            self._head = self._head[count:]
            return count
        readinto = getattr(self._file, "readinto", None)
        if readinto is not None:
            return int(readinto(view) or 0)
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)


def read_exactly(file: IO[bytes], size: int) -> bytearray:
    """The next `size` bytes; fewer only at the end of the file.

    Memory grows with what comes, for a header may promise any size.
    """
    data = bytearray(min(size, _PROMISE))
    done = 0
    while done < size:
        if done == len(data):
            data += bytes(min(size - done, done))
        with memoryview(data) as view:
            count = file.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            break
        done += count
    del data[done:]
    return data


def read_line(file: IO[bytes], longest: int) -> bytes:
    """The next line with its newline, or what comes before the end of the file; cut at `longest` bytes."""
    line = bytearray()
    while len(line) < longest:
        byte = file.read(1)
        if not byte:
            break
        line += byte
        if byte == b"\n":
            break
    return bytes(line)
