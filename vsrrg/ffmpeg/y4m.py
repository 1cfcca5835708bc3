"""YUV4MPEG2 over a pipe: raw frames behind a line of text. Headers go through as they are."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import IO

from vsrrg.errors import FormatError, MediaError
from vsrrg.ffmpeg.bytes_io import read_exactly, read_line
from vsrrg.video.color import ColorSpec, Matrix, Range
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import PixFmt, find_pix_fmt, read_planes, write_planes

MAGIC = b"YUV4MPEG2 "
_LONGEST_LINE = 4096


class Y4mReader:
    """Frames of a y4m stream; their pts is their number."""

    def __init__(self, file: IO[bytes], *, matrix: Matrix | None = None, range: Range | None = None) -> None:
        """Read the header.

        Raises:
            MediaError: it is not y4m, or interlaced.
            FormatError: the pixel format is not supported.
        """
        self._file = file
        self.header = read_line(file, _LONGEST_LINE)
        if not self.header.startswith(MAGIC):
            raise MediaError("unknown-stream", "the stream is not y4m: it does not begin with YUV4MPEG2")
        fields = self.header.decode("ascii", "replace").split()[1:]
        tags = {field[0]: field[1:] for field in fields if field[0] != "X"}
        extras = {field[1:] for field in fields if field[0] == "X"}
        if not tags.get("W", "").isdigit() or not tags.get("H", "").isdigit():
            raise MediaError("damaged-stream", "the y4m header has no width and height")
        self.width, self.height = int(tags["W"]), int(tags["H"])
        if not self.width or not self.height:
            raise MediaError("damaged-stream", "the y4m header has a width or height of 0")
        if tags.get("I", "p") not in ("p", "?"):
            raise MediaError(
                "interlaced-source",
                "the y4m stream is interlaced; deinterlace it first, with bwdif for instance",
            )
        self.pix_fmt: PixFmt = find_pix_fmt(pix_fmt_of(tags.get("C", "420jpeg")))
        full = "COLORRANGE=FULL" in extras
        known: Range | None = range or ("full" if full else None)
        self.color = ColorSpec.guess(self.pix_fmt.format, self.width, self.height, matrix, known)
        self._frame_lines: deque[bytes] = deque()

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order.

        Raises:
            MediaError: the stream ends within a frame, or is no y4m from some frame on.
        """
        size = self.pix_fmt.frame_bytes(self.width, self.height)
        count = 0
        while line := read_line(self._file, _LONGEST_LINE):
            if not line.startswith(b"FRAME") or not line.endswith(b"\n"):
                raise MediaError(
                    "damaged-stream", f"frame {count} of the y4m stream does not begin with FRAME"
                )
            data = read_exactly(self._file, size)
            if len(data) != size:
                raise MediaError(
                    "truncated-stream",
                    f"the stream ends within frame {count}, after {len(data)} of {size} bytes",
                )
            self._frame_lines.append(line)
            planes = read_planes(data, self.pix_fmt, self.width, self.height)
            yield Frame(planes, self.pix_fmt.format, self.color, count)
            count += 1

    def writer(self, file: IO[bytes], size: tuple[int, int] | None = None) -> Y4mWriter:
        """A writer that repeats this stream's header lines, maybe with another size."""
        header = self.header
        for letter, length in zip((b"W", b"H"), size or (), strict=False):
            header = re.sub(rb"(?<= %s)\d+" % letter, b"%d" % length, header, count=1)
        return Y4mWriter(file, header, self.pix_fmt, self._frame_lines)

    def close(self) -> None:
        """Nothing is held."""


class Y4mWriter:
    """Writes frames under the header lines of a reader."""

    def __init__(self, file: IO[bytes], header: bytes, pix_fmt: PixFmt, frame_lines: deque[bytes]) -> None:
        self._file = file
        self._pix_fmt = pix_fmt
        self._frame_lines = frame_lines
        file.write(header)

    def write(self, frame: Frame) -> None:
        """Write one frame and flush it; raises OSError if the other end is closed or full."""
        self._file.write(self._frame_lines.popleft())
        self._file.write(write_planes(frame.planes, self._pix_fmt))
        self._file.flush()

    def close(self) -> None:
        self._file.flush()


def pix_fmt_of(colorspace: str) -> str:
    """ffmpeg's pixel format for the value of a y4m header's C field.

    Raises:
        FormatError: there is none.
    """
    match = re.fullmatch(r"(420|422|444|440|411)(?:jpeg|mpeg2|paldv|p(\d+)|(alpha))?|mono(\d*)", colorspace)
    if match is None:
        raise FormatError(
            "unsupported-format",
            f"y4m colour space {colorspace!r} is not supported; use 420, 422, 444, 411 or mono",
        )
    digits, bits, alpha, mono_bits = match.groups()
    if alpha:
        return "yuva444p"
    depth = bits or mono_bits
    wide = f"{depth}le" if depth and depth != "8" else ""
    return f"yuv{digits}p{wide}" if digits else f"gray{wide}"
