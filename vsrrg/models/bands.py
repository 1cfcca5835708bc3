"""Bands of rows: how a frame too large for the memory goes through a network piece by piece.

A band is as wide as the frame, and needs some rows more than it yields, its halo, so that every row it
yields has seen all that it would see in the whole frame. Rows are counted in the packed frame; a level at
1/2 of its size has one row per 2 of these.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

ALIGNED = 16
"""Bands begin at multiples of this, so that no level and no cell of `Presence` is cut."""
_LEAST_ROWS = 64
_LEAST_PIXELS = 1 << 14


class Band(NamedTuple):
    """Rows of the packed frame."""

    start: int
    stop: int
    """The band yields rows start..stop."""
    first: int
    last: int
    """It needs rows first..last, which are multiples of 4 or the frame's end."""

    def needed(self, level: Tensor, per: int = 1) -> Tensor:
        """What the band needs of a level (N, C, rows, columns) that has one row per `per` rows."""
        return level[:, :, self.first // per : -(-self.last // per)]

    def yielded(self, result: Tensor, per: int = 1) -> Tensor:
        """What the band yields of a result that was made from what it needs."""
        return result[:, :, (self.start - self.first) // per : -(-(self.stop - self.first) // per)]

    def widened(self, halo: int, height: int) -> Band:
        """The band that yields what this one needs, and needs `halo` rows more."""
        halo = -(-halo // 4) * 4
        return Band(self.first, self.last, max(0, self.first - halo), min(height, self.last + halo))


def least_rows(width: int) -> int:
    """The fewest rows of a band. Libraries of convolutions have other algorithms for small pictures, which
    round differently.
    """
    return max(_LEAST_ROWS, -(-_LEAST_PIXELS // width // ALIGNED) * ALIGNED)


def bands(height: int, width: int, rows: int | None, halo: int) -> list[Band]:
    """Bands of `rows` rows at most, or a few more where they would be fewer than `least_rows`, that need
    `halo` rows on either side; one where `rows` is None.
    """
    count = 1 if rows is None else max(1, min(-(-height // rows), height // least_rows(width)))
    edges = [height * i // count // ALIGNED * ALIGNED for i in range(count)] + [height]
    return [
        Band(start, stop, start, stop).widened(halo, height)._replace(start=start, stop=stop)
        for start, stop in pairwise(edges)
    ]


def in_bands(run: Callable[[Band], Tensor], spans: list[Band], per: int = 1) -> Tensor:
    """The results of all bands as one; `run` yields what it makes from what its band needs, with one row per
    `per` rows.
    """
    if len(spans) == 1:
        return run(spans[0])
    whole: Tensor | None = None
    for span in spans:
        part = span.yielded(run(span), per)
        if whole is None:
            size = (*part.shape[:2], -(-spans[-1].stop // per), part.shape[3])
            whole = torch.empty(size, dtype=part.dtype, device=part.device, memory_format=torch.channels_last)
        whole[:, :, span.start // per : -(-span.stop // per)] = part
    assert whole is not None
    return whole
