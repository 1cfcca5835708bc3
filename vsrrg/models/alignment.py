"""Block alignment that rain cannot fool: a coarse search, then robust least-squares steps, all without
learned weights.

Streaks are thin and gone in the next frame, so they hardly move the mean of a block; what a block
search cannot resolve is left to a few Gauss-Newton steps per block (Lucas and Kanade, 1981) whose
weights fall with the residual. Motion is one vector per block, interpolated between blocks.
docs/evaluation.md shows what it does for min(x, median of 3) ("the same, aligned").
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

_SEARCH = 6
_BLOCK = 4
_STEPS = (3, 3, 2)
_RESIDUAL = 0.2
_DAMPING = 4e-6
_CLIP = 0.2


class Pyramid(NamedTuple):
    """Luma of a frame at its size and at 1/2, 1/4 and 1/8 of it, each (N, 1, rows, columns) float32."""

    full: Tensor
    half: Tensor
    quarter: Tensor
    eighth: Tensor


def pyramid(packed: Tensor) -> Pyramid:
    """The luma pyramid of packed frames (N, 6, h, w); h and w are multiples of 4."""
    luma = packed[:, :4].float()
    half = luma.mean(1, keepdim=True)
    quarter = F.avg_pool2d(half, 2)
    return Pyramid(F.pixel_shuffle(luma, 2), half, quarter, F.avg_pool2d(quarter, 2))


def estimate_motion(centre: Pyramid, others: Pyramid) -> Tensor:
    """Where each block of `centre` (N frames) lies in `others` (S times N frames, side by side): (S * N, 2,
    rows, columns), x and y in pixels of the half-size frame, a vector per 4x4 block.
    """
    flow = _search(centre.eighth, others.eighth)
    scales = ((centre.eighth, others.eighth), (centre.quarter, others.quarter), (centre.half, others.half))
    for level, (a, b) in enumerate(scales):
        if level:
            height, width = a.shape[-2:]
            flow = 2 * F.interpolate(flow, scale_factor=2.0, mode="bilinear")
            flow = flow[..., : -(-height // _BLOCK), : -(-width // _BLOCK)]
        flow = _refine(a, b, flow, _STEPS[level])
    return flow


def warp(image: Tensor, flow: Tensor, scale: float) -> Tensor:
    """Fetch `image` (N, C, rows, columns), which is `scale` times the half-size frame, at each pixel plus its
    motion; bilinear, edges repeated.

    `flow` is as from `estimate_motion`; it is interpolated between the blocks' centres.
    """
    rows, columns = image.shape[-2:]
    # grid_sample counts from -1 to 1 over the image. Scaling the few blocks is cheaper than scaling pixels.
    unit = flow.new_tensor((2 * scale / columns, 2 * scale / rows)).view(1, 2, 1, 1)
    grid = F.interpolate(flow * unit, scale_factor=_BLOCK * scale, mode="bilinear")[..., :rows, :columns]
    grid[:, 0] += _centres(columns, flow)
    grid[:, 1] += _centres(rows, flow)[:, None]
    return F.grid_sample(image, grid.permute(0, 2, 3, 1), padding_mode="border", align_corners=False)


def _centres(count: int, like: Tensor) -> Tensor:
    """Positions of `count` pixels from -1 to 1."""
    return (2 * torch.arange(count, device=like.device, dtype=like.dtype) + 1) / count - 1


def _block_means(values: Tensor) -> Tensor:
    """Means over 3x3 neighbourhoods of blocks."""
    means = F.avg_pool2d(values, _BLOCK, ceil_mode=True)
    return F.avg_pool2d(F.pad(means, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


def _search(a: Tensor, b: Tensor) -> Tensor:
    """Full search of +-6 pixels by clipped absolute differences; nearer shifts win ties."""
    height, width = a.shape[-2:]
    side = 2 * _SEARCH + 1
    windows = F.pad(b, (_SEARCH,) * 4, mode="replicate").unfold(2, height, 1).unfold(3, width, 1)
    # (S, N, side, side, h, w): every shift of every neighbour against its centre.
    windows = windows.view(-1, len(a), side, side, height, width)
    difference = torch.sub(windows, a[:, :, None], out=a.new_empty(windows.shape))
    difference = difference.abs_().clamp_(max=_CLIP).view(len(b), side * side, height, width)
    shifts = torch.arange(-_SEARCH, _SEARCH + 1, device=a.device)
    distance = (shifts[:, None].abs() + shifts.abs()).flatten() * 1e-4
    best = (_block_means(difference) + distance.view(1, -1, 1, 1)).argmin(1)
    return torch.stack((best % side - _SEARCH, best // side - _SEARCH), 1).to(a.dtype)


def _refine(a: Tensor, b: Tensor, flow: Tensor, steps: int) -> Tensor:
    """Gauss-Newton steps toward the motion that makes `b` look like `a`, block by block."""
    padded = F.pad(a, (1, 1, 1, 1), mode="replicate")
    gx = (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / 2
    gy = (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / 2
    gradient = torch.cat((gx, gy), 1)
    products = torch.cat((gx * gx, gx * gy, gy * gy), 1)
    for _ in range(steps):
        residual = warp(b, flow, 1.0).view(-1, *a.shape) - a
        weight = residual.square().mul_(_RESIDUAL**-2).add_(1).reciprocal_()
        xx, xy, yy = _block_means((weight * products).flatten(0, 1)).unbind(1)
        xr, yr = _block_means((weight.mul_(residual) * gradient).flatten(0, 1)).unbind(1)
        xx, yy = xx + _DAMPING, yy + _DAMPING
        step = torch.stack((yy * xr - xy * yr, xx * yr - xy * xr), 1) / (xx * yy - xy * xy)[:, None]
        flow = flow - step.clamp(-1, 1)
    return flow
