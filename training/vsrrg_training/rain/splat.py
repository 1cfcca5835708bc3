"""Streaks that are Gaussian across: rows of small Gaussians, wide ones on coarser rasters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.drops import Drops

_SPACING = 0.6
_CHUNK = 200_000


@dataclass(frozen=True)
class _Raster:
    """Streaks up to `widest` (sigma in pixels) are drawn `factor` times smaller, on taps x taps pixels."""

    factor: int
    widest: float
    taps: int

    def sigma(self, wanted: Tensor) -> Tensor:
        """Sigma to draw with, on this raster: enlarging it adds a variance of factor^2 / 6."""
        added = self.factor**2 / 6 if self.factor > 1 else 0.0
        return ((wanted**2 - added).clamp(min=0.1 * self.factor**2)).sqrt() / self.factor


_RASTERS = (
    _Raster(1, 0.75, 4),
    _Raster(1, 1.2, 6),
    _Raster(2, 2.2, 6),
    _Raster(4, 4.4, 6),
    _Raster(8, 8.8, 6),
)


class Canvas:
    """Optical depth of a clip, kept on the rasters until it is put together."""

    def __init__(self, frames: int, height: int, width: int, device: torch.device) -> None:
        self.shape = (frames, height, width)
        self._layers = [
            torch.zeros(frames, -(-height // raster.factor), -(-width // raster.factor), device=device)
            for raster in _RASTERS
        ]

    def add(self, t: int, drops: Drops, *, fade: float, head: float) -> None:
        """Draw drops on frame `t`: their ends fade over a share `fade`, `head` as in `Population`."""
        narrower = 0.0
        for raster, layer in zip(_RASTERS, self._layers, strict=True):
            index = ((drops.sigma > narrower) & (drops.sigma <= raster.widest)).nonzero().squeeze(1)
            if len(index):
                _splat(layer[t], drops.chosen(index), raster, fade, head)
            narrower = raster.widest

    def total(self) -> Tensor:
        """(frames, height, width)."""
        frames, height, width = self.shape
        total = torch.zeros(frames, height, width, device=self._layers[0].device)
        for raster, layer in zip(_RASTERS, self._layers, strict=True):
            if raster.factor > 1:
                layer = F.interpolate(layer[None], scale_factor=float(raster.factor), mode="bilinear")[0]
            total += layer[:, :height, :width]
        return total


def taper(along: Tensor, head: float) -> Tensor:
    """Brightness at `along` (0: tail, 1: head) of a streak, relative to its brighter end."""
    return 1 - head * (1 - along) if head >= 0 else 1 + head * along


def _splat(canvas: Tensor, drops: Drops, raster: _Raster, fade: float, head: float) -> None:
    """Add the optical depth of drops to one frame (rows, columns) of one raster."""
    scale = 1 / raster.factor
    length, sigma = drops.length * scale, raster.sigma(drops.sigma)
    depth = -torch.log1p(-drops.alpha) * _SPACING
    centre_x, centre_y = (drops.x + 0.5) * scale - 0.5, (drops.y + 0.5) * scale - 0.5
    dx, dy = torch.sin(drops.angle), torch.cos(drops.angle)
    counts = (length / _SPACING).ceil().long().clamp(min=1)
    everyone = torch.arange(len(counts), device=counts.device)
    for part in torch.split(everyone, max(1, _CHUNK // int(counts.max()))):
        n = counts[part]
        owner = torch.repeat_interleave(part, n)
        first = torch.repeat_interleave(torch.cumsum(n, 0) - n, n)
        along = (torch.arange(len(owner), device=counts.device) - first + 0.5) / counts[owner]
        # Some drops oscillate and leave a beaded streak.
        bead = drops.beads[owner]
        wave = 1 + 0.5 * (bead > 0.7) * torch.sin((4 + 30 * bead) * along + 40 * bead)
        weight = depth[owner] * wave
        if fade > 0:
            weight = weight * (torch.minimum(along, 1 - along) / fade + 0.2).clamp(max=1.0)
        if head:
            weight = weight * taper(along, head)
        offset = (along - 0.5) * length[owner]
        add_points(
            canvas,
            centre_x[owner] + offset * dx[owner],
            centre_y[owner] + offset * dy[owner],
            sigma[owner],
            weight,
            raster.taps,
        )


def add_points(canvas: Tensor, x: Tensor, y: Tensor, sigma: Tensor, weight: Tensor, size: int) -> None:
    """Add isotropic Gaussians on size x size pixels; a row of them at _SPACING sums to `weight / _SPACING`
    on its axis.
    """
    rows, columns = canvas.shape
    left, top = torch.floor(x), torch.floor(y)
    taps = torch.arange(1 - size // 2, 1 + size // 2, device=x.device)
    px, py = left[:, None] + taps, top[:, None] + taps
    scale = -0.5 / sigma[:, None] ** 2
    gx, gy = torch.exp(scale * (px - x[:, None]) ** 2), torch.exp(scale * (py - y[:, None]) ** 2)
    # A line of Gaussians sums to sigma * sqrt(2 pi) / spacing: divide, so that the axis has the wanted depth.
    peak = weight / (sigma * math.sqrt(2 * math.pi))
    gx = gx * ((px >= 0) & (px < columns)) * peak[:, None]
    gy = gy * ((py >= 0) & (py < rows))
    cell = (py.clamp(0, rows - 1) * columns)[:, :, None] + px.clamp(0, columns - 1)[:, None, :]
    canvas.view(-1).index_add_(0, cell.long().reshape(-1), (gy[:, :, None] * gx[:, None, :]).reshape(-1))
