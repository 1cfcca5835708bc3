"""Streaks that are flat across, with hard or soft edges and square or round ends."""

from __future__ import annotations

import torch
from torch import Tensor

from vsrrg_training.rain.drops import Drops
from vsrrg_training.rain.splat import taper

_WIDTH = 2.355
"""Width of a flat streak over the sigma of a Gaussian one as wide at half its height."""
_CLASSES = (2.0, 4.0, 8.0, 24.0)
"""Widths up to which streaks are drawn together."""


def add_strokes(canvas: Tensor, drops: Drops, *, edge: float, square: bool, head: float) -> None:
    """Add the optical depth of flat streaks to one frame (rows, columns); options as in `Population`."""
    width = _WIDTH * drops.sigma
    steep = torch.cos(drops.angle).abs() >= 0.7
    narrower = 0.0
    for widest in _CLASSES:
        here = (width > narrower) & (width <= widest)
        for upright in (True, False):
            index = (here & (steep == upright)).nonzero().squeeze(1)
            if len(index):
                _scan(canvas, drops.chosen(index), width[index], edge, square, head, upright)
        narrower = widest


def _scan(
    canvas: Tensor, drops: Drops, width: Tensor, edge: float, square: bool, head: float, upright: bool
) -> None:
    """Each row (column, unless `upright`) that a streak crosses, with the few pixels around its axis."""
    rows, columns = canvas.shape
    down, across = torch.cos(drops.angle), torch.sin(drops.angle)
    # u counts the rows (columns), v runs within one.
    cu, cv, du, dv = (drops.y, drops.x, down, across) if upright else (drops.x, drops.y, across, down)
    half, long = width / 2, drops.length / 2
    counts = (2 * (long * du.abs() + half * dv.abs() + edge) + 2).long()
    owner = torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)
    first = torch.repeat_interleave(torch.cumsum(counts, 0) - counts, counts)
    step = torch.arange(len(owner), device=counts.device) - first
    u = (torch.floor(cu - counts / 2)[owner] + 1 + step)[:, None]
    cu, cv, du, dv, half, long = (value[owner, None] for value in (cu, cv, du, dv, half, long))
    reach = int(((half + edge / 2) / du.abs()).max()) + 1
    taps = torch.arange(-reach, reach + 1, device=counts.device)
    v = torch.round(cv + (u - cu) * dv / du) + taps
    along, beside = (u - cu) * du + (v - cv) * dv, (v - cv) * du - (u - cu) * dv
    if square:
        cover = _inside(beside, half, edge) * _inside(along, long, edge)
    else:
        past = (along.abs() - (long - half).clamp(min=0)).clamp(min=0)
        cover = _inside(torch.hypot(past, beside), half, edge)
    alpha = drops.alpha[owner, None] * cover
    if head:
        alpha = alpha * taper((along / long / 2 + 0.5).clamp(0, 1), head)
    y, x = (u.expand_as(v), v) if upright else (v, u.expand_as(v))
    depth = -torch.log1p(-alpha) * ((y >= 0) & (y < rows) & (x >= 0) & (x < columns))
    cell = y.clamp(0, rows - 1) * columns + x.clamp(0, columns - 1)
    canvas.view(-1).index_add_(0, cell.long().reshape(-1), depth.reshape(-1))


def _inside(offset: Tensor, half: Tensor, edge: float) -> Tensor:
    """The share of a box `edge` wide around `offset` that lies within `half` of the axis."""
    right, left = offset + edge / 2, offset - edge / 2
    return (
        torch.minimum(torch.maximum(right, -half), half) - torch.minimum(torch.maximum(left, -half), half)
    ) / edge
