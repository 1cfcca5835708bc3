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

_LEVELS = 4
_FINEST_SIGMA = 0.33
_WIDEST_SIGMA = 0.75
_SPACING = 0.6
_CHUNK = 200_000


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
    depths = [torch.zeros(frames, *_level_size(height, width, k), device=device) for k in range(_LEVELS)]
    drops = _draw_drops(population, count, box_w, box_h, generator)
    for t in range(frames):
        if t and not population.coherent:
            drops = _draw_drops(population, count, box_w, box_h, generator)
        angle = drops.angle + population.drift * t + population.convergence * (drops.x / box_w - 0.5)
        step = drops.length / population.exposure * (t if population.coherent else 0)
        x = torch.remainder(drops.x + step * torch.sin(angle), box_w) - margin
        y = torch.remainder(drops.y + step * torch.cos(angle), box_h) - margin
        reach = drops.length / 2 + 3 * drops.sigma + 2
        seen = (x > -reach) & (x < width + reach) & (y > -reach) & (y < height + reach)
        for level in range(_LEVELS):
            here = seen & (_level_of(drops.sigma) == level)
            _splat(depths[level][t], here, x, y, angle, drops, level, generator)
    total = depths[0]
    for level in range(1, _LEVELS):
        coarse = F.interpolate(depths[level][None], scale_factor=2.0**level, mode="bilinear")[0]
        total = total + coarse[:, :height, :width]
    return 1 - torch.exp(-total)


def _level_size(height: int, width: int, level: int) -> tuple[int, int]:
    return -(-height // 2**level), -(-width // 2**level)


def _level_of(sigma: Tensor) -> Tensor:
    return torch.ceil(torch.log2(sigma / _WIDEST_SIGMA)).clamp(0, _LEVELS - 1).long()


def _draw_drops(p: Population, count: int, box_w: float, box_h: float, generator: torch.Generator) -> _Drops:
    # Density per depth grows as depth squared; u**(1/3) is uniform in the volume of a cone.
    near = 1 / p.depth_ratio
    depth = (near**3 + (1 - near**3) * rand(generator, count)) ** (1 / 3)
    nearness = near / depth
    median = near / (0.5 * (1 + near**3)) ** (1 / 3)
    size = torch.exp(0.3 * normal(generator, count))
    true_sigma = p.sigma * nearness * size.sqrt()
    sigma = (true_sigma**2 + _FINEST_SIGMA**2).sqrt().clamp(max=_WIDEST_SIGMA * 2 ** (_LEVELS - 1))
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
    level: int,
    generator: torch.Generator,
) -> None:
    """Add the optical depth of the chosen drops to one frame (rows, columns) of one pyramid level."""
    index = here.nonzero().squeeze(1)
    if not len(index):
        return
    scale = 2.0**-level
    length, sigma = drops.length[index] * scale, drops.sigma[index] * scale
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
        )


def _add_points(canvas: Tensor, x: Tensor, y: Tensor, sigma: Tensor, weight: Tensor) -> None:
    """Add isotropic Gaussians on 4x4 pixels each; a row of them at _SPACING sums to `weight / _SPACING`
    on its axis.
    """
    rows, columns = canvas.shape
    left, top = torch.floor(x), torch.floor(y)
    taps = torch.arange(-1, 3, device=x.device)
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
        exposure=uniform(generator, 0.15, 1.0),
        coherent=chance(generator, 0.5),
        drift=math.radians(uniform(generator, -0.4, 0.4)),
        convergence=math.radians(uniform(generator, -8.0, 8.0)),
    )
