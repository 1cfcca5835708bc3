"""How much memory an RRGNet takes, and into how many bands a frame must be cut for a budget.

Estimates in bytes per pixel of the packed frame, from counting the tensors that live at the same time;
docs/benchmark.md has peaks that were measured.
"""

from __future__ import annotations

from vsrrg.models.bands import ALIGNED, least_rows
from vsrrg.models.config import RRGNetConfig


def rows_within(memory: int, c: RRGNetConfig, itemsize: int, height: int, width: int) -> int | None:
    """Rows of the bands for a budget in bytes: None if the frame may stay whole, and the fewest possible if
    nothing suffices.
    """
    frames = 2 * c.radius + 2
    pixels = height * width
    if pixels * (frames * _kept_whole(c, itemsize) + _band(c, itemsize)) <= memory:
        return None
    left = memory - pixels * (frames * _kept(c, itemsize) + _whole(c, itemsize))
    rows = int(left / (width * _band(c, itemsize))) // ALIGNED * ALIGNED
    return min(max(rows, least_rows(width)), -(-height // ALIGNED) * ALIGNED)


def least_memory(c: RRGNetConfig, itemsize: int, height: int, width: int) -> int:
    """Bytes that the smallest bands take."""
    pixel = (2 * c.radius + 2) * _kept(c, itemsize) + _whole(c, itemsize)
    return int(height * width * pixel + least_rows(width) * width * _band(c, itemsize))


def _kept_whole(c: RRGNetConfig, itemsize: int) -> float:
    """Of every encoded frame of the window: luma at four sizes, chroma, all features."""
    return 21.3 + 8 + itemsize * (c.half + c.quarter / 4 + c.eighth / 16)


def _kept(c: RRGNetConfig, itemsize: int) -> float:
    """The same of a frame that was encoded in bands."""
    return 5.3 + 6 * itemsize + itemsize * c.eighth / 16


def _whole(c: RRGNetConfig, itemsize: int) -> float:
    """What is as large as the frame while bands are worked on: joined and deeper features, the layer and its
    copy, luma in float32.
    """
    return itemsize * (c.eighth / 16 + c.half / 4) + 48 + 16


def _band(c: RRGNetConfig, itemsize: int) -> float:
    """A band's own: shallow features in turn, the luma of the neighbours, where to fetch it, statistics."""
    return 5 * itemsize * c.half + 2 * c.radius * 16 + 96 + 12 * c.radius * (4 + itemsize)
