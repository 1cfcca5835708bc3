"""PyAV's video frames, in every pixel format that vsrrg supports."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vsrrg.errors import FormatError
from vsrrg.frames.kind import Kind
from vsrrg.video.color import MATRIX_CODES, ColorSpec, Range
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import Piece, PixFmt, find_pix_fmt, read_pieces, write_pieces
from vsrrg.video.turn import turned

if TYPE_CHECKING:
    import av

_MATRICES = {code: name for name, code in MATRIX_CODES.items()}
_RANGES: dict[int, Range] = {1: "limited", 2: "full"}
_KEPT = (
    "pts",
    "dts",
    "time_base",
    "duration",
    "colorspace",
    "color_range",
    "color_primaries",
    "color_trc",
    "chroma_location",
    "opaque",
)
"""What a frame says of itself, as far as PyAV lets it be set."""


def _accepts(item: object) -> bool:
    av = sys.modules.get("av")
    return av is not None and isinstance(item, av.VideoFrame)


def stored(frame: av.VideoFrame) -> Frame:
    """The frame's own memory, whichever way the picture lies in it; raises FormatError as its kind does."""
    if frame.interlaced_frame:
        raise FormatError(
            "interlaced-source",
            "the frame is interlaced: deinterlace it first, for example with the filter bwdif",
        )
    pix_fmt = find_pix_fmt(frame.format.name)
    color = ColorSpec.guess(
        pix_fmt.format,
        frame.width,
        frame.height,
        _MATRICES.get(frame.colorspace),
        _RANGES.get(frame.color_range, pix_fmt.range),
    )
    return Frame(read_pieces(_pieces(frame, pix_fmt), pix_fmt), pix_fmt.format, color, frame.pts)


def _read(frame: av.VideoFrame, device: object) -> Sequence[Frame]:
    return [turned(stored(frame), _quarters(frame))]


def _write(frame: av.VideoFrame, frames: Sequence[Frame]) -> av.VideoFrame:
    import av

    pix_fmt = find_pix_fmt(frame.format.name)
    clean = av.VideoFrame(frame.width, frame.height, pix_fmt.name)
    write_pieces(turned(frames[0], -_quarters(frame)).planes, _pieces(clean, pix_fmt), pix_fmt)
    for name in _KEPT:
        if (value := getattr(frame, name, None)) is not None:
            setattr(clean, name, value)
    return clean


def _quarters(frame: av.VideoFrame) -> int:
    """Quarter turns to the left that set the picture upright, for that is how rain falls."""
    return round(frame.rotation / 90)


def _pieces(frame: av.VideoFrame, pix_fmt: PixFmt) -> Iterator[Piece]:
    """The frame's memory without what pads its rows."""
    for plane, shape in zip(frame.planes, pix_fmt.pieces(frame.width, frame.height), strict=True):
        row, sample = plane.line_size, pix_fmt.stored.itemsize
        first = (1 - shape[0]) * row if row < 0 else 0  # Rows may lie bottom up.
        yield np.ndarray(shape, pix_fmt.stored, plane, first, (row, shape[2] * sample, sample))


PYAV = Kind("PyAV video frames", _accepts, _read, _write)
