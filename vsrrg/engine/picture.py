"""Whether two frames show the same picture, as held frames and pulldown do."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from vsrrg.engine.lane import Array, Later
from vsrrg.video.frame import Plane

if TYPE_CHECKING:
    import torch
    from torch import Tensor

ROWS = 16
"""Rows of a plane that are looked at first."""
AT_ONCE = 1 << 22
"""Samples that a fingerprint is taken of at once: 32 MB."""
_ODD = -0x61C8864680B583EB


class Picture:
    """What the planes of a frame show: equal, and of the same hash, where all samples are.

    A few rows tell nearly all frames apart; only where they agree are all samples read. The planes must not
    change.
    """

    def __init__(self, planes: Sequence[Plane]) -> None:
        self._planes = planes
        self._glance = _checksum(plane[:: -(-len(plane) // ROWS)] for plane in planes)

    @cached_property
    def _whole(self) -> int:
        return _checksum(iter(self._planes))

    def __hash__(self) -> int:
        return self._glance

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Picture):
            return NotImplemented
        return self is other or (self._glance == other._glance and self._whole == other._whole)


class DevicePicture:
    """The same for planes on a device, told by their `fingerprint`, which is under way."""

    def __init__(self, number: Later[list[Array]]) -> None:
        self._number = number

    def __hash__(self) -> int:
        return int(self._number()[0][0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DevicePicture) and hash(self) == hash(other)


def fingerprint(planes: Sequence[Tensor]) -> Tensor:
    """A number for what planes show, int64 (1,) on their device: the sum of the bits of all samples, each
    times a weight for its row and one for its column, in the arithmetic of 64 bits.
    """
    import torch

    total = torch.zeros(1, dtype=torch.int64, device=planes[0].device)
    for plane in planes:
        bits = plane.view({1: torch.uint8, 2: torch.int16, 4: torch.int32}[plane.element_size()])
        rows, columns = bits.shape
        across = _weights(columns, 0, plane.device)
        step = max(1, AT_ONCE // columns)
        sums = torch.cat([(bits[row : row + step] * across).sum(1) for row in range(0, rows, step)])
        total = total * _ODD + (sums * _weights(rows, columns, plane.device)).sum()
    return total


def _weights(count: int, start: int, device: torch.device) -> Tensor:
    """As good as random, and always the same: a step of splitmix64 (Steele, Lea and Flood, 2014)."""
    import torch

    numbers = torch.arange(start + 1, start + count + 1, device=device) * _ODD
    numbers = (numbers ^ numbers >> 30) * -0x40A7B892E31B1A47
    return numbers ^ numbers >> 27


def _checksum(planes: Iterator[Plane]) -> int:
    checksum = 0
    for plane in planes:
        checksum = zlib.crc32(np.ascontiguousarray(plane), checksum)
    return checksum
