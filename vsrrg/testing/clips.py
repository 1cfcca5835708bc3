"""Clips to test with: moving footage with and without rain, in any format and size, the same every time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from vsrrg.video import ColorSpec, Frame, PixelFormat

if TYPE_CHECKING:
    from torch import Tensor

YUV420P8 = PixelFormat("yuv", 8, sub_w=1, sub_h=1)
SEEDS = 8
"""Scenes that differ."""


def footage(
    count: int,
    width: int = 64,
    height: int = 48,
    fmt: PixelFormat = YUV420P8,
    *,
    rainy: bool = True,
    seed: int = 0,
) -> list[Frame]:
    """A clip of one shot: a pan over texture, in streaks of rain if `rainy`; frame n has pts 10 n.

    Colours are those of `ColorSpec.guess`. Beyond 640x360 the picture is mirrored.
    """
    whole = _whole(count, fmt, rainy, seed % SEEDS)
    color = ColorSpec.guess(fmt, width, height)
    frames = []
    for n, picture in enumerate(whole):
        planes = []
        for i, plane in enumerate(picture.planes):
            rows, columns = fmt.plane_shape(i, width, height)
            beyond = [(0, max(0, rows - plane.shape[0])), (0, max(0, columns - plane.shape[1]))]
            planes.append(np.pad(plane, beyond, mode="reflect")[:rows, :columns].copy())
        frames.append(Frame(tuple(planes), fmt, color, pts=10 * n))
    return frames


def cut_clip(count: int, width: int = 64, height: int = 48, fmt: PixelFormat = YUV420P8) -> list[Frame]:
    """Two rainy shots: a clip with a scene cut in the middle."""
    shots = [footage(count, width, height, fmt, seed=seed) for seed in (0, 1)]
    return [*shots[0][: count // 2], *shots[1][count // 2 :]]


def held(frames: list[Frame]) -> list[Frame]:
    """As many frames, all of which show the first picture."""
    return [replace(frame, planes=frames[0].planes) for frame in frames]


def packed(count: int, height: int, width: int, *, seed: int = 0) -> Tensor:
    """Rainy footage as networks see it: (count, 6, height, width), see `vsrrg.kernels.pack`."""
    import torch

    from vsrrg.kernels import as_tensor, pack

    frames = footage(count, 2 * width, 2 * height, seed=seed)
    return torch.stack([pack([*map(as_tensor, f.planes)], f.format, f.color) for f in frames])


@cache
def _whole(count: int, fmt: PixelFormat, rainy: bool, seed: int) -> list[Frame]:
    """The footage at its own size, 640x360."""
    import av

    from vsrrg.bench.footage import framed
    from vsrrg.bench.procedural import COLUMNS, ROWS, pictures

    drawn = islice(pictures(seed, rainy=rainy), count)
    return [framed(av.VideoFrame.from_ndarray(image, format="rgb24"), COLUMNS, ROWS, fmt) for image in drawn]
