"""Original and derained picture in one frame, to look at: side by side, or either side of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from vsrrg.errors import OptionError
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame, Plane, Work

type Layout = Literal["side-by-side", "split"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout.__value__)

LINE = 2
"""Columns of the line between the halves of a split frame; 4 where one chroma sample has four columns."""
BRIGHTNESS = 0.75
"""Of that line, as a share of the range: visible on dark and bright pictures, and no glare in HDR."""


def check_layout(layout: str) -> Layout:
    """The layout as it is; raises OptionError unless it exists."""
    for known in LAYOUTS:
        if layout == known:
            return known
    raise OptionError("unknown-layout", f"layout {layout!r} does not exist; choose {', '.join(LAYOUTS)}")


def laid_out(work: Work, layout: Layout) -> Work:
    """The same work on frames, each of which comes out beside what went in.

    The left half of a frame holds the samples that went in, the right half those that `work` made: all of
    both pictures in "side-by-side", which makes frames wider (see `laid_out_width`), the left half of one and
    the right half of the other in "split", where a line of `LINE` columns covers what lies between.

    Raises:
        OptionError: there is no such layout.
    """
    arrange = {"side-by-side": _beside, "split": _split}[check_layout(layout)]

    def arranged(frames: Iterable[Frame]) -> Iterator[Frame]:
        for after in work(replace(frame, origin=frame) for frame in frames):
            before = after.origin
            assert isinstance(before, Frame)
            yield replace(after, planes=arrange(before, after), origin=before.origin)

    return arranged


def laid_out_width(layout: Layout | None, width: int, fmt: PixelFormat) -> int:
    """Columns of the frames that come out for some that go in; None is no layout.

    Where side by side a half would not begin with a chroma sample of its own, its last column is repeated.
    """
    return 2 * _cell(width, fmt) if layout == "side-by-side" else width


def _cell(width: int, fmt: PixelFormat) -> int:
    return -(-width >> fmt.sub_w) << fmt.sub_w


def _beside(before: Frame, after: Frame) -> tuple[Plane, ...]:
    planes = []
    for number, (left, right) in enumerate(zip(before.planes, after.planes, strict=True)):
        columns = _cell(before.width, before.format) >> (before.format.sub_w if number else 0)
        missing = columns - left.shape[1]
        both = [
            np.pad(plane, ((0, 0), (0, missing)), "edge") if missing else plane for plane in (left, right)
        ]
        planes.append(np.concatenate(both, axis=1))
    return tuple(planes)


def _split(before: Frame, after: Frame) -> tuple[Plane, ...]:
    fmt, color = after.format, after.color
    step = 1 << fmt.sub_w
    line = max(LINE, step)
    start = max(0, before.width - line) // 2 // step * step
    planes = []
    for number, (left, right) in enumerate(zip(before.planes, after.planes, strict=True)):
        shift = fmt.sub_w if number else 0
        plane = right.copy()
        plane[:, : start >> shift] = left[:, : start >> shift]
        plane[:, start >> shift : start + line >> shift] = _gray(number, fmt, color)
        planes.append(plane)
    return tuple(planes)


def _gray(number: int, fmt: PixelFormat, color: ColorSpec) -> float:
    """A sample of the line in a plane."""
    if number and fmt.family == "yuv":
        return 0.0 if fmt.sample == "float" else float(1 << fmt.bits - 1)
    if fmt.sample == "float":
        return BRIGHTNESS
    if color.range == "full":
        return round(BRIGHTNESS * fmt.peak)
    return round(16 + BRIGHTNESS * (235 - 16)) << fmt.bits - 8
