"""How much memory an RRGNet takes, and into how many bands a frame must be cut for a budget.

Estimates in bytes per pixel of the packed frame, from counting the tensors that live at the same time;
docs/engine.md has peaks that were measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from vsrrg.models.bands import ALIGNED, least_rows
from vsrrg.models.config import RRGNetConfig


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What a network may take, and for what."""

    bytes: int
    frames: int
    """Encoded frames that are held at once."""
    at_once: int = 1
    """Frames that are encoded or rendered side by side."""


_AROUND = 32
"""Rows around a band that are worked on, too."""
_ALWAYS = 32 << 20
"""Bytes at any size: the search for motion, and what libraries keep."""
_HOLES = 2
"""Bands leave holes between the blocks of memory that outlive them, about as large as they are themselves."""


def rows_within(memory: Memory, c: RRGNetConfig, itemsize: int, height: int, width: int) -> int | None:
    """Rows of the bands for a budget: None if the frame may stay whole, and the fewest possible if nothing
    suffices.
    """
    pixels = height * width
    left = memory.bytes - memory.at_once * _ALWAYS
    if pixels * (memory.frames * _kept_whole(c, itemsize) + memory.at_once * _band(c, itemsize)) <= left:
        return None
    left -= int(pixels * (memory.frames * _kept(c, itemsize) + memory.at_once * _whole(c, itemsize)))
    rows = int(left / (memory.at_once * width * _HOLES * _band(c, itemsize))) - _AROUND
    return min(max(rows // ALIGNED * ALIGNED, least_rows(width)), -(-height // ALIGNED) * ALIGNED)


def least_memory(
    c: RRGNetConfig, itemsize: int, height: int, width: int, *, frames: int, at_once: int = 1
) -> int:
    """Bytes that the smallest bands take, with so many encoded frames held and worked on."""
    rows = min(height, least_rows(width) + _AROUND)
    one = _ALWAYS + height * width * _whole(c, itemsize) + rows * width * _HOLES * _band(c, itemsize)
    return int(height * width * frames * _kept(c, itemsize) + at_once * one)


def _kept_whole(c: RRGNetConfig, itemsize: int) -> float:
    """Of every encoded frame of the window: luma at four sizes, chroma, all features."""
    return 21.3 + 8 + itemsize * (c.half + c.quarter / 4 + c.eighth / 16)


def _kept(c: RRGNetConfig, itemsize: int) -> float:
    """The same of a frame that was encoded in bands."""
    return 5.3 + 6 * itemsize + itemsize * c.eighth / 16


def _whole(c: RRGNetConfig, itemsize: int) -> float:
    """What is as large as the frame while bands are worked on: while a frame is encoded, the frame and the
    features at 1/4; then the layer, and what it is made from.
    """
    encoding = 24 + itemsize * (c.quarter + c.eighth / 4) / 4 - _kept(c, itemsize)
    layer = 24 + itemsize * max(c.half / 4, 3 * c.picture / 8) + c.radius
    return max(encoding, layer)


def _band(c: RRGNetConfig, itemsize: int) -> float:
    """A band's own: shallow features in turn, the luma of the neighbours, where to fetch it, statistics."""
    return 6 * itemsize * c.half + 10 * c.radius * (4 + itemsize)
