"""Falling streaks: a population of drops with depth, moved from frame to frame and splatted into opacity.

Depth couples the parameters: a drop k times as far is k times shorter, thinner and slower on the image,
and once it is thinner than the lens and the pixel can show, it fades instead. Geometry after Garg and
Nayar (*Vision and Rain*, 2007): a streak is a drop smeared over the exposure, its opacity the share of
the exposure for which the drop covers the pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.draw import chance, log_uniform, normal, rand, uniform

_FINEST_SIGMA = 0.33
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


@dataclass(frozen=True, kw_only=True)
class Population:
    """What one clip's streaks have in common; lengths in pixels, angles in radians from the vertical."""

    density: float
    length: float
    sigma: float
    alpha: float
    angle: float
    angle_spread: float
    depth_ratio: float
    exposure: float
    """Share of the frame time for which the shutter is open: a drop moves length / exposure a frame."""
    coherent: bool
    """Whether drops keep their identity from frame to frame, or every frame draws its own."""
    drift: float
    """Change of the common angle from frame to frame, in radians."""
    convergence: float
    """Change of angle from the left to the right edge of the frame (perspective, lens), in radians."""


@dataclass(frozen=True)
class _Drops:
    """Drops of a clip: vectors of equal length, positions in pixels."""

    x: Tensor
    y: Tensor
    angle: Tensor
    length: Tensor
    sigma: Tensor
    alpha: Tensor
    beads: Tensor


def opacity(
    population: Population, frames: int, height: int, width: int, generator: torch.Generator
) -> Tensor:
    """The share of light that streaks take over: (frames, height, width), 0..1."""
    device = generator.device
    margin = 1.5 * population.length + 8
    box_w, box_h = width + 2 * margin, height + 2 * margin
    count = max(1, round(population.density * box_w * box_h / 1e6))
    canvases = [torch.zeros(frames, *_size(height, width, raster), device=device) for raster in _RASTERS]
    drops = _draw_drops(population, count, box_w, box_h, generator)
    fallen_x = fallen_y = torch.zeros_like(drops.x)
    for t in range(frames):
        if t and not population.coherent:
            drops = _draw_drops(population, count, box_w, box_h, generator)
        angle = drops.angle + population.drift * t + population.convergence * (drops.x / box_w - 0.5)
        if t and population.coherent:
            step = drops.length / population.exposure
            fallen_x, fallen_y = fallen_x + step * torch.sin(angle), fallen_y + step * torch.cos(angle)
        x = torch.remainder(drops.x + fallen_x, box_w) - margin
        y = torch.remainder(drops.y + fallen_y, box_h) - margin
        reach = drops.length / 2 + 3 * drops.sigma + 2
        seen = (x > -reach) & (x < width + reach) & (y > -reach) & (y < height + reach)
        narrower = 0.0
        for raster, canvas in zip(_RASTERS, canvases, strict=True):
            here = seen & (drops.sigma > narrower) & (drops.sigma <= raster.widest)
            _splat(canvas[t], here, x, y, angle, drops, raster)
            narrower = raster.widest
    total = torch.zeros(frames, height, width, device=device)
    for raster, canvas in zip(_RASTERS, canvases, strict=True):
        if raster.factor > 1:
            canvas = F.interpolate(canvas[None], scale_factor=float(raster.factor), mode="bilinear")[0]
        total += canvas[:, :height, :width]
    return 1 - torch.exp(-total)


def _size(height: int, width: int, raster: _Raster) -> tuple[int, int]:
    return -(-height // raster.factor), -(-width // raster.factor)


def _draw_drops(p: Population, count: int, box_w: float, box_h: float, generator: torch.Generator) -> _Drops:
    # Density per depth grows as depth squared; u**(1/3) is uniform in the volume of a cone.
    near = 1 / p.depth_ratio
    depth = (near**3 + (1 - near**3) * rand(generator, count)) ** (1 / 3)
    nearness = near / depth
    median = near / (0.5 * (1 + near**3)) ** (1 / 3)
    size = torch.exp(0.3 * normal(generator, count))
    true_sigma = p.sigma * nearness * size.sqrt()
    sigma = (true_sigma**2 + _FINEST_SIGMA**2).sqrt().clamp(max=_RASTERS[-1].widest)
    length = (p.length * nearness / median * size).clamp(1.0, 1.5 * p.length)
    fade = (true_sigma / _FINEST_SIGMA).clamp(0.25, 1.0)
    alpha = p.alpha * fade * torch.exp(0.5 * normal(generator, count))
    return _Drops(
        x=rand(generator, count) * box_w,
        y=rand(generator, count) * box_h,
        angle=p.angle + p.angle_spread * normal(generator, count),
        length=length,
        sigma=sigma,
        alpha=alpha.clamp(0.004, 0.85),
        beads=rand(generator, count),
    )


def _splat(
    canvas: Tensor,
    here: Tensor,
    x: Tensor,
    y: Tensor,
    angle: Tensor,
    drops: _Drops,
    raster: _Raster,
) -> None:
    """Add the optical depth of the chosen drops to one frame (rows, columns) of one raster."""
    index = here.nonzero().squeeze(1)
    if not len(index):
        return
    scale = 1 / raster.factor
    length, sigma = drops.length[index] * scale, raster.sigma(drops.sigma[index])
    depth = -torch.log1p(-drops.alpha[index]) * _SPACING
    centre_x, centre_y = (x[index] + 0.5) * scale - 0.5, (y[index] + 0.5) * scale - 0.5
    dx, dy = torch.sin(angle[index]), torch.cos(angle[index])
    counts = (length / _SPACING).ceil().long().clamp(min=1)
    for part in torch.split(
        torch.arange(len(index), device=index.device), max(1, _CHUNK // int(counts.max()))
    ):
        n = counts[part]
        owner = torch.repeat_interleave(part, n)
        first = torch.repeat_interleave(torch.cumsum(n, 0) - n, n)
        along = (torch.arange(len(owner), device=index.device) - first + 0.5) / counts[owner]
        # Ends fade over a fifth of the streak; some drops oscillate and leave a beaded streak.
        bead = drops.beads[index[owner]]
        wave = 1 + 0.5 * (bead > 0.7) * torch.sin((4 + 30 * bead) * along + 40 * bead)
        weight = depth[owner] * wave * (5 * torch.minimum(along, 1 - along) + 0.2).clamp(max=1.0)
        offset = (along - 0.5) * length[owner]
        _add_points(
            canvas,
            centre_x[owner] + offset * dx[owner],
            centre_y[owner] + offset * dy[owner],
            sigma[owner],
            weight,
            raster.taps,
        )


def _add_points(canvas: Tensor, x: Tensor, y: Tensor, sigma: Tensor, weight: Tensor, size: int) -> None:
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


def draw_population(
    generator: torch.Generator,
    *,
    density: tuple[float, float],
    length: tuple[float, float],
    sigma: tuple[float, float],
    alpha: tuple[float, float],
    angle: tuple[float, float],
    angle_spread: tuple[float, float],
    depth_ratio: tuple[float, float],
) -> Population:
    """Draw what a clip's streaks have in common from ranges in the units of `RainType`."""
    sign = 1.0 if chance(generator, 0.5) else -1.0
    return Population(
        density=log_uniform(generator, *density),
        length=log_uniform(generator, *length),
        sigma=log_uniform(generator, *sigma),
        alpha=log_uniform(generator, *alpha),
        angle=sign * math.radians(uniform(generator, *angle)),
        angle_spread=math.radians(uniform(generator, *angle_spread)),
        depth_ratio=uniform(generator, *depth_ratio),
        exposure=log_uniform(generator, 0.05, 1.0),
        coherent=chance(generator, 0.5),
        drift=math.radians(uniform(generator, -0.4, 0.4)),
        convergence=math.radians(uniform(generator, -8.0, 8.0)),
    )
