"""Planes in one block of bytes, so that a frame crosses the bus in one copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

type Array = np.ndarray[Any, np.dtype[Any]]

ALIGN = 64
"""Bytes at whose multiples every row begins: the kernels move 16 at once from there, whatever the width."""


@dataclass(frozen=True)
class Layout:
    """Where arrays (rows, cols) lie in a block."""

    shapes: tuple[tuple[int, int], ...]
    dtypes: tuple[np.dtype[Any], ...]
    pitches: tuple[int, ...]
    """Bytes from row to row."""
    offsets: tuple[int, ...]
    """Bytes from the block's beginning."""
    size: int
    """Bytes of the block."""

    @classmethod
    def of(cls, arrays: Sequence[Array]) -> Layout:
        """A layout for such arrays."""
        pitches, offsets, size = [], [], 0
        for array in arrays:
            rows, cols = array.shape
            pitches.append(-(-cols * array.itemsize // ALIGN) * ALIGN)
            offsets.append(size)
            size += rows * pitches[-1]
        shapes = tuple((array.shape[0], array.shape[1]) for array in arrays)
        return cls(shapes, tuple(array.dtype for array in arrays), tuple(pitches), tuple(offsets), size)

    def write(self, arrays: Sequence[Array], block: Tensor) -> None:
        """Copies the arrays into a block (size,) uint8 on the CPU; gaps keep what they hold."""
        memory = block.numpy()
        for i, array in enumerate(arrays):
            strides = (self.pitches[i], array.itemsize)
            np.copyto(np.ndarray(array.shape, array.dtype, memory, self.offsets[i], strides), array)

    def views(self, block: Tensor) -> list[Tensor]:
        """The arrays as they lie in a block on any device."""
        views = []
        for shape, dtype, pitch, offset in zip(
            self.shapes, self.dtypes, self.pitches, self.offsets, strict=True
        ):
            samples = block.view(torch.from_numpy(np.empty(0, dtype)).dtype)
            stride = (pitch // dtype.itemsize, 1)
            views.append(samples.as_strided(shape, stride, offset // dtype.itemsize))
        return views
