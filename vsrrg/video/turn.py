"""Frames set upright: rain falls down the picture that is shown, whichever way it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from vsrrg.video.format import SUBSAMPLINGS, PixelFormat
from vsrrg.video.frame import Frame, Work


def turned_format(fmt: PixelFormat, quarters: int) -> PixelFormat | None:
    """The format of frames of this one after so many quarter turns: 4:2:2 becomes 4:4:0; None for 4:1:1,
    which becomes nothing that vsrrg knows.
    """
    sub = (fmt.sub_w, fmt.sub_h) if quarters % 2 == 0 else (fmt.sub_h, fmt.sub_w)
    return replace(fmt, sub_w=sub[0], sub_h=sub[1]) if sub in SUBSAMPLINGS else None


def turned(frame: Frame, quarters: int) -> Frame:
    """The frame after so many quarter turns to the left; the same one where its format cannot be turned."""
    fmt = turned_format(frame.format, quarters)
    if quarters % 4 == 0 or fmt is None:
        return frame
    planes = tuple(np.ascontiguousarray(np.rot90(plane, quarters)) for plane in frame.planes)
    return replace(frame, planes=planes, format=fmt)


def upright(work: Work, quarters: int) -> Work:
    """The same work, done on frames after so many quarter turns to the left, which are then taken back."""

    def done(frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in work(turned(frame, quarters) for frame in frames):
            yield turned(frame, -quarters)

    return work if quarters % 4 == 0 else done
