"""The same clip as arrays and as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from engine_support import clip
from torch import Tensor

from vsrrg import ColorSpec, Frame, PixelFormat

RGB8 = PixelFormat("rgb", 8)
SHOTS = [0] * 5 + [1] * 4


def full_range(shots: Sequence[int], fmt: PixelFormat = RGB8) -> list[Frame]:
    """Frames of 64x48 whose codes mean what those of an array do."""
    return clip(shots, fmt=fmt, color=ColorSpec.guess(fmt, 64, 48, range="full"))


def arrays(frames: Sequence[Frame]) -> list[np.ndarray]:
    return [np.stack(f.planes, -1) if len(f.planes) == 3 else f.planes[0].copy() for f in frames]


def tensors(given: Sequence[np.ndarray]) -> list[Tensor]:
    """RGB arrays as (3, rows, cols), sharing their memory."""
    return [torch.from_numpy(array).permute(2, 0, 1) for array in given]


def same(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
