"""Bare raw video over a pipe: frame after frame, with nothing between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.bytes_io import read_exactly
from vsrrg.video.color import ColorSpec, Matrix, Range
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import PixFmt, find_pix_fmt, read_planes, write_planes


class RawReader:
    """Frames of a raw stream; their pts is their number."""

    def __init__(
        self,
        file: IO[bytes],
        *,
        pix_fmt: str,
        width: int,
        height: int,
        matrix: Matrix | None = None,
        range: Range | None = None,
    ) -> None:
        """Raises FormatError for a pixel format that is not supported."""
        self._file = file
        self.width, self.height = width, height
        self.pix_fmt: PixFmt = find_pix_fmt(pix_fmt)
        self.color = ColorSpec.guess(self.pix_fmt.format, width, height, matrix, range or self.pix_fmt.range)

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order.

        Raises:
            MediaError: the stream ends within a frame.
        """
        size = self.pix_fmt.frame_bytes(self.width, self.height)
        count = 0
        while data := read_exactly(self._file, size):
            if len(data) != size:
                raise MediaError(
                    "truncated-stream",
                    f"the stream ends within frame {count}, after {len(data)} of {size} bytes; "
                    "is the size or pixel format another one?",
                )
            planes = read_planes(data, self.pix_fmt, self.width, self.height)
            yield Frame(planes, self.pix_fmt.format, self.color, count)
            count += 1

    def writer(self, file: IO[bytes], size: tuple[int, int] | None = None) -> RawWriter:
        """A writer of the same kind of stream, which says nothing of its size."""
        return RawWriter(file, self.pix_fmt)

    def close(self) -> None:
        """Nothing is held."""


class RawWriter:
    """Writes bare frames."""

    def __init__(self, file: IO[bytes], pix_fmt: PixFmt) -> None:
        self._file = file
        self._pix_fmt = pix_fmt

    def write(self, frame: Frame) -> None:
        """Write one frame and flush it; raises OSError if the other end is closed or full."""
        self._file.write(write_planes(frame.planes, self._pix_fmt))
        self._file.flush()

    def close(self) -> None:
        self._file.flush()
