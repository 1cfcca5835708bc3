"""Bands of rows: parts of a frame so small that what is computed on the way stays in a CPU's cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vsrrg.video import PixelFormat

SAMPLES = 1 << 21
"""Samples in float32 that a band holds at once, about: 8 MB. With fewer, calling torch takes the time."""
ALIGN = 4
"""Rows that a band is a multiple of: whole 2x2 cells, and whole samples of every format's chroma."""


@dataclass(frozen=True)
class Band:
    """Rows `start` to `stop` of a frame, counted in luma, and what belongs to them elsewhere."""

    start: int
    stop: int

    def rows(self, sub_h: int) -> slice:
        """The band's rows on a grid of that vertical subsampling (log2)."""
        return slice(self.start >> sub_h, -(-self.stop >> sub_h))

    @property
    def cells(self) -> slice:
        """The band's rows in packed channels and rain layers."""
        return self.rows(1)

    def cut(self, planes: Sequence[Tensor], fmt: PixelFormat) -> list[Tensor]:
        """The band's part of each plane (..., rows, cols); planes after the first have the chroma's rows."""
        return [plane[..., self.rows(fmt.sub_h if i else 0), :] for i, plane in enumerate(planes)]


def bands(fmt: PixelFormat, width: int, height: int, device: torch.device, *, copies: int) -> Iterator[Band]:
    """The bands of a frame, of which so many float32 copies are held at once, from top to bottom.

    On a GPU it is a single one: calls cost more there than memory.
    """
    shapes = [fmt.plane_shape(i, width, height) for i in range(fmt.planes)]
    samples = copies * sum(rows * cols for rows, cols in shapes)
    count = max(1, round(samples / SAMPLES)) if device.type == "cpu" else 1
    step = -(-height // (count * ALIGN)) * ALIGN
    for start in range(0, height, step):
        yield Band(start, min(start + step, height))
