"""Block alignment that rain cannot fool: a coarse search, then robust least-squares steps, all without
learned weights.

Streaks are thin and gone in the next frame, so they hardly move the mean of a block; what a block
search cannot resolve is left to a few Gauss-Newton steps per block (Lucas and Kanade, 1981) whose
weights fall with the residual. Motion is one vector per block, interpolated between blocks. More steps,
or vectors that neighbours do not share, would follow the rain: they fit better and align worse.
docs/evaluation.md shows what it does for min(x, median of 3) ("the same, aligned").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg.models import any_size

_SEARCH = 6
_BLOCK = 4
_QUARTER_STEPS, _HALF_STEPS = 2, 2
_RESIDUAL = 0.15
_DAMPING = 1e-4
_CLIP = 0.2
_DISTANCE = 2e-3
_AS_GOOD = 1.1
_SMALL = 128
"""Rows and columns together of a picture that torch takes for small when it interpolates."""
REACH = 4 * _SEARCH + 2 * _QUARTER_STEPS + _HALF_STEPS + 2
"""Rows of the half-size frame that motion may span, and two for interpolation."""
_AT_ONCE = defaultdict(lambda: 1 << 24, cpu=1 << 18)
"""Values that the search and the steps hold at once: on CPUs no more than a core's cache."""


class Pyramid(NamedTuple):
    """Luma of a frame at its size and at 1/2, 1/4 and 1/8 of it, each (N, 1, rows, columns) float32; at its
    size also a half.
    """

    full: Tensor
    half: Tensor
    quarter: Tensor
    eighth: Tensor


def pyramid(packed: Tensor, dtype: torch.dtype = torch.float32) -> Pyramid:
    """The luma pyramid of packed frames (N, 6, h, w), full size in `dtype`; h and w are multiples of 4."""
    luma = packed[:, :4].float()
    half = luma.mean(1, keepdim=True)
    quarter = F.avg_pool2d(half, 2)
    return Pyramid(F.pixel_shuffle(luma.to(dtype), 2), half, quarter, F.avg_pool2d(quarter, 2))


def estimate_motion(centre: Pyramid, others: Pyramid) -> Tensor:
    """Where each block of `centre` (N frames) lies in `others` (S times N frames, side by side): (S * N, 2,
    rows, columns), x and y in pixels of the half-size frame, a vector per 4x4 block.
    """
    flow = _around(_search(centre.eighth, others.eighth), 1)
    finer = (
        (centre.quarter, others.quarter, _QUARTER_STEPS),
        (centre.half, others.half, _HALF_STEPS),
    )
    for a, b, steps in finer:
        height, width = a.shape[-2:]
        flow = 2 * F.interpolate(flow, scale_factor=2.0, mode="bilinear")
        flow = flow[..., : -(-height // _BLOCK), : -(-width // _BLOCK)]
        flow, misfit = _refine(a, b, flow, steps)
    return _simplest(centre.half, others.half, flow, misfit)


def warp(image: Tensor, flow: Tensor, scale: float, rows: tuple[int, int] | None = None) -> Tensor:
    """Fetch `image` (N, C, rows, columns), which is `scale` times the half-size frame, at each pixel plus its
    motion; bilinear, edges repeated.

    `flow` is as from `estimate_motion`; it is interpolated between the blocks' centres. Only the `rows` from
    the first up to the second are fetched, multiples of `scale`.
    """
    grid = _grid(flow, image.shape[-2:], _BLOCK * scale, 2 * scale, rows)
    return F.grid_sample(image, grid.permute(0, 2, 3, 1), padding_mode="border", align_corners=False)


def warp_phases(luma: Tensor, flow: Tensor, rows: tuple[int, int] | None = None) -> Tensor:
    """The four phases (N, 4, h, w) of full-size luma (N, 1, 2h, 2w), moved by `flow` as `warp` does it.

    The pixels of a 2x2 cell share the motion at its centre, and beyond an edge its outermost cells are
    repeated. Only the `rows` of the half-size frame from the first up to the second are fetched; luma in half
    precision is converted no farther around them than motion reaches.
    """
    height, width = luma.shape[-2:]
    first, last = rows or (0, height // 2)
    grid = _grid(flow, (height // 2, width // 2), _BLOCK, 2, rows).permute(0, 2, 3, 1)
    if any_size.for_any_size():
        return any_size.phases(luma, grid)
    top = 0
    if luma.dtype != torch.float32:
        top = max(0, 2 * (first - REACH))
        luma = luma[:, :, top : 2 * (last + REACH)].float()
    left = luma.shape[-2]
    # From -1 to 1 over the frame to the same over the cells (2, 2, rows - 1, columns - 1) of what is left.
    grid[..., 0].mul_(width / (width - 1))
    grid[..., 1].mul_(height / (left - 1)).add_((height - 2 * top - left) / (left - 1))
    cells = luma[:, 0].unfold(1, 2, 1).unfold(2, 2, 1).permute(0, 3, 4, 1, 2)
    moved = [
        F.grid_sample(
            cell, places.expand(2, *places.shape), padding_mode="border", align_corners=False
        ).flatten(0, 1)
        for cell, places in zip(cells, grid, strict=True)
    ]
    return torch.stack(moved)


def _grid(
    flow: Tensor, size: Sequence[int], blocks: float, step: float, rows: tuple[int, int] | None
) -> Tensor:
    """Where to fetch each pixel of an image of `size` (rows, columns) that has `blocks` pixels to a block, as
    grid_sample counts, from -1 to 1 over the image: (N, 2, rows, columns). A step of 1 is a flow of `1/step`.
    """
    height, width = size
    first, last = rows or (0, height)
    blocks = int(blocks)
    if any_size.for_any_size():
        return any_size.grid(flow, size, blocks, step)
    # The blocks around the rows. Scaling few blocks is cheaper than scaling pixels.
    top, bottom = max(0, first // blocks - 1), min(flow.shape[2], -(-last // blocks) + 1)
    # torch has another way for small pictures, which rounds differently: a part must not be smaller.
    missing = -(-(_SMALL + 1) // blocks) - flow.shape[3] - (bottom - top)
    if missing > 0:
        top, bottom = max(0, top - missing), bottom + missing
    around = flow[:, :, top:bottom]
    # A tensor made of numbers would have to be copied to a GPU first.
    around = torch.stack((around[:, 0] * (step / width), around[:, 1] * (step / height)), 1)
    if blocks > 1:
        around = F.interpolate(around, scale_factor=float(blocks), mode="bilinear")
    grid = around[:, :, first - top * blocks : last - top * blocks, :width]
    grid[:, 0] += _centres(width, flow)
    grid[:, 1] += _centres(height, flow)[first:last, None]
    return grid


def _centres(count: int, like: Tensor) -> Tensor:
    """Positions of `count` pixels from -1 to 1."""
    return torch.linspace(1 / count - 1, 1 - 1 / count, count, device=like.device, dtype=like.dtype)


def _block_means(values: Tensor) -> Tensor:
    """Means over 4x4 blocks, edges repeated where they cut a block."""
    height, width = values.shape[-2:]
    if any_size.for_any_size() or height % _BLOCK or width % _BLOCK:
        right, below = (-(-size // _BLOCK) * _BLOCK - size for size in (width, height))
        values = F.pad(values, (0, right, 0, below), mode="replicate")
    if any_size.for_any_size():
        return F.avg_pool2d(values, _BLOCK)
    # As in `_around`, sums of wholes instead of pooling.
    rows = [values[..., k::_BLOCK, :] for k in range(_BLOCK)]
    down = rows[0] + rows[1]
    down += rows[2]
    down += rows[3]
    columns = [down[..., k::_BLOCK] for k in range(_BLOCK)]
    means = columns[0] + columns[1]
    means += columns[2]
    means += columns[3]
    return means.div_(_BLOCK**2)


def _around(values: Tensor, reach: int = 2) -> Tensor:
    """Means over the neighbourhoods of blocks, as far as `reach`."""
    height, width = values.shape[-2:]
    side = 2 * reach + 1
    padded = F.pad(values, (reach,) * 4, mode="replicate")
    if any_size.for_any_size():
        return F.avg_pool2d(padded, side, stride=1)
    # Sums of shifted wholes: pooling takes several times as long on CPUs.
    down = padded[..., :height, :].clone()
    for k in range(1, side):
        down += padded[..., k : k + height, :]
    across = down[..., :width].clone()
    for k in range(1, side):
        across += down[..., k : k + width]
    return across.div_(side**2)


def _search(a: Tensor, b: Tensor) -> Tensor:
    """Full search of +-6 pixels by clipped absolute differences; nearer shifts win ties."""
    height, width = a.shape[-2:]
    side = 2 * _SEARCH + 1
    padded = F.pad(b, (_SEARCH,) * 4, mode="replicate")
    if any_size.for_any_size():
        along = [_differences(a, windows) for windows in any_size.windows(padded, a.shape[0], side)]
        means = torch.stack(along, 2).flatten(1, 2)
    else:
        # (S, N, side, side, h, w): every shift of every neighbour against its centre.
        windows = padded.unfold(2, height, 1).unfold(3, width, 1).view(-1, len(a), side, side, height, width)
        parts = (slice(*span) for span in _spans(a, len(b) * side**2))
        means = torch.cat([_differences(a[:, :, None, rows], windows[..., rows, :]) for rows in parts], 2)
    shifts = torch.arange(-_SEARCH, _SEARCH + 1, device=a.device)
    distance = (shifts[:, None].abs() + shifts.abs()).flatten() * _DISTANCE
    best = (_around(means) + distance.view(1, -1, 1, 1)).argmin(1)
    return torch.stack((best % side - _SEARCH, best // side - _SEARCH), 1).to(a.dtype)


def _differences(a: Tensor, windows: Tensor) -> Tensor:
    """How much `a` differs from windows (S, N, ..., rows, w) of others, clipped: means over blocks (S * N,
    windows, rows, columns).
    """
    # Left to itself, the difference would lie as the windows do, which overlap.
    difference = torch.sub(windows, a, out=a.new_empty(windows.shape))
    return _block_means(difference.abs_().clamp_(max=_CLIP).flatten(0, 1).flatten(1, -3))


def _refine(a: Tensor, b: Tensor, flow: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Gauss-Newton steps toward the motion that makes `b` look like `a`, block by block; and the misfit
    (S * N, 1, rows, columns) before the last one.
    """
    padded = F.pad(a, (1, 1, 1, 1), mode="replicate")
    spans = _spans(a, 6 * b.shape[0])
    gradients = [_gradients(padded[:, :, first : last + 2]) for first, last in spans]
    for _ in range(steps):
        means = []
        for span, terms in zip(spans, gradients, strict=True):
            residual = _residual(a, b, flow, span)
            weighted = _weight(residual) * terms
            weighted[:, :, 3:] *= residual
            weighted[:, :, 5:] *= residual
            means.append(_block_means(weighted.flatten(0, 1)))
        xx, xy, yy, xr, yr, misfit = _around(torch.cat(means, 2)).unbind(1)
        xx, yy = xx + _DAMPING, yy + _DAMPING
        step = torch.stack((yy * xr - xy * yr, xx * yr - xy * xr), 1) / (xx * yy - xy * xy)[:, None]
        flow = flow - step.clamp(-1, 1)
    return _around(flow, 1), misfit[:, None]


def _simplest(a: Tensor, b: Tensor, flow: Tensor, misfit: Tensor) -> Tensor:
    """The motion of each block; or what most of the frame does, or none at all, where that fits as well.

    What fits a little better by a motion of its own fits the noise and the rain.
    """
    # The one that most blocks agree on: twice a mean in which those far from the last one hardly count.
    common = flow.flatten(2).median(2).values[:, :, None, None]
    for _ in range(2):
        agreeing = ((flow - common).square().sum(1, keepdim=True) * 4 + 1).pow(-2)
        common = (flow * agreeing).sum((2, 3), keepdim=True) / agreeing.sum((2, 3), keepdim=True)
    common = common.expand_as(flow)
    limit = misfit * _AS_GOOD
    flow = torch.where(_misfit(a, b, common) <= limit, common, flow)
    return flow.masked_fill(_misfit(a, b, None) <= limit, 0.0)


def _misfit(a: Tensor, b: Tensor, flow: Tensor | None) -> Tensor:
    """How much `b`, moved by `flow`, differs from `a` around each block; what differs much counts little."""
    means = []
    for span in _spans(a, b.shape[0]):
        residual = _residual(a, b, flow, span).flatten(0, 1)
        means.append(_block_means(_weight(residual).mul_(residual).mul_(residual)))
    return _around(torch.cat(means, 2))


def _spans(a: Tensor, values: int) -> list[tuple[int, int]]:
    """Rows to work on at once, where each pixel has so many values."""
    height, width = a.shape[-2:]
    if any_size.for_any_size():
        return [(0, height)]
    rows = max(_BLOCK, _AT_ONCE[a.device.type] // (values * width) // _BLOCK * _BLOCK)
    return [(top, min(top + rows, height)) for top in range(0, height, rows)]


def _residual(a: Tensor, b: Tensor, flow: Tensor | None, span: tuple[int, int]) -> Tensor:
    """The rows `span` of `b` (S * N frames), moved by `flow`, less those of `a`: (S, N, 1, rows, columns)."""
    here = a[:, :, slice(*span)]
    there = b[:, :, slice(*span)] if flow is None else warp(b, flow, 1.0, span)
    return there.reshape(-1, *here.shape) - here


def _weight(residual: Tensor) -> Tensor:
    return residual.square().mul_(_RESIDUAL**-2).add_(1).reciprocal_()


def _gradients(padded: Tensor) -> Tensor:
    """Products of the gradients along x and y, the gradients, and one: xx, xy, yy, x, y, 1."""
    gx = (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / 2
    gy = (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / 2
    return torch.cat((gx * gx, gx * gy, gy * gy, gx, gy, torch.ones_like(gx)), 1)
