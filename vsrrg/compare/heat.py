"""Rain as heat: the colours of how much a pixel's luma was changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FULL = 64
"""Codes of change from which the colour stays the same."""
RAMP = ((0, 0, 0), (70, 16, 84), (176, 42, 80), (240, 96, 40), (252, 178, 52), (255, 246, 196))
"""R, G, B at even steps from no change to FULL: black is nothing, and lighter is more, to every eye."""


def _table() -> NDArray[np.uint8]:
    """Y, Cb, Cr (BT.709, limited range) of each change in codes, 0..255."""
    place = np.minimum(np.arange(256), FULL) / FULL * (len(RAMP) - 1)
    red, green, blue = (np.interp(place, range(len(RAMP)), [c[i] for c in RAMP]) / 255 for i in range(3))
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    cb, cr = (blue - y) / 1.8556, (red - y) / 1.5748
    return np.rint(np.stack([16 + 219 * y, 128 + 224 * cb, 128 + 224 * cr])).astype(np.uint8)


TABLE = _table()


def heat(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """Planes (Y, Cb, Cr; 4:2:0, even sizes) that show the change of luma planes from one to the other."""
    change = np.maximum(before, after) - np.minimum(before, after)
    y, *chroma = (table[change] for table in TABLE)
    rows, columns = change.shape
    means = (c.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3)) for c in chroma)
    return y, *(np.rint(mean).astype(np.uint8) for mean in means)
