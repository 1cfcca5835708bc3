"""Hypothesis strategies and builders for planes."""

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from vsrrg.video import ColorSpec, PixelFormat

YUV420P8 = PixelFormat("yuv", 8, sub_w=1, sub_h=1)
LIMITED = ColorSpec("bt709", "limited")
FULL = ColorSpec("bt709", "full")

sizes = st.tuples(st.integers(1, 11), st.integers(1, 11))
seeds = st.integers(0, 2**32 - 1)


def random_planes(fmt: PixelFormat, width: int, height: int, seed: int) -> list[Tensor]:
    """Planes of random bits: codes above the peak, NaN, infinity and -0.0 occur."""
    rng = np.random.default_rng(seed)
    planes = []
    for i in range(fmt.planes):
        rows, cols = fmt.plane_shape(i, width, height)
        bits = rng.integers(0, 256, rows * cols * fmt.dtype.itemsize, dtype=np.uint8)
        plane = bits.view(fmt.dtype).reshape(rows, cols)
        if fmt.sample == "float":
            plane.flat[0] = rng.choice(np.array([np.nan, -0.0, np.inf, 0.25], fmt.dtype))
        planes.append(torch.from_numpy(plane))
    return planes


def constant_planes(fmt: PixelFormat, width: int, height: int, values: tuple[float, ...]) -> list[Tensor]:
    """Planes each of which holds one sample value."""
    return [
        torch.from_numpy(np.full(fmt.plane_shape(i, width, height), values[i], fmt.dtype))
        for i in range(fmt.planes)
    ]


def bits_of(plane: Tensor) -> bytes:
    """The exact contents of a plane."""
    return plane.contiguous().numpy().tobytes()
