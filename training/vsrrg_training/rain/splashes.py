"""Rain that has arrived: small crowns on the ground, two to four frames long, and the spatter around them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vsrrg_training.rain.draw import log_uniform, normal, rand, uniform
from vsrrg_training.rain.splat import add_points

_DROPLETS = 7
_RING = 10
_SIGMA = 0.6
_TAPS = 6


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where and how rain splashes in a clip."""

    horizon: float
    """Height of the picture above which nothing splashes, as a share from the top."""
    rate: float
    """New crowns per megapixel of ground and frame."""
    spatter: float
    """Specks of a single frame, per megapixel of ground."""
    radius: float
    """Of a crown at the lower edge of the picture, in pixels; at the horizon it is a third of that."""
    alpha: float


def draw_ground(generator: torch.Generator) -> Ground:
    """Draw how rain splashes in a clip."""
    return Ground(
        horizon=uniform(generator, 0.15, 0.75),
        rate=log_uniform(generator, 100, 1500),
        spatter=log_uniform(generator, 30, 6000),
        radius=log_uniform(generator, 2.0, 8.0),
        alpha=log_uniform(generator, 0.15, 0.7),
    )


def splashes(ground: Ground, frames: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """The share of light that splashes take over: (frames, height, width), 0..1."""
    top = ground.horizon * height
    area = (height - top) * width / 1e6
    count = max(1, round(ground.rate * area * (frames + 4)))
    x, depth = rand(generator, count) * width, rand(generator, count)
    y = top + (height - top) * depth
    near = 1 / 3 + 2 / 3 * depth
    life = 2 + 2 * rand(generator, count)
    birth = rand(generator, count) * (frames + 4) - 4
    radius = ground.radius * near * torch.exp(0.3 * normal(generator, count))
    strength = ground.alpha * torch.exp(0.4 * normal(generator, count))
    lean = 0.9 * (2 * rand(generator, count * _DROPLETS).view(count, _DROPLETS) - 1)
    throw = 0.5 + rand(generator, count * _DROPLETS).view(count, _DROPLETS)
    around = torch.linspace(0, 2 * math.pi, _RING + 1, device=generator.device)[:-1]
    canvas = torch.zeros(frames, height, width, device=generator.device)
    specks = max(1, round(ground.spatter * area))
    for t in range(frames):
        age = (t - birth) / life
        alive = ((age >= 0) & (age < 1)).nonzero().squeeze(1)
        a, r = age[alive, None], radius[alive, None]
        depths = -torch.log1p(-(strength[alive, None] * (1 - 0.7 * a)).clamp(max=0.9))
        flung = r * throw[alive] * 1.5
        # Droplets rise to their height at mid-life and come down again; the ring spreads, seen from the side.
        crown_x = x[alive, None] + flung * lean[alive] * a
        crown_y = y[alive, None] - flung * (1 - lean[alive].abs()) * 4 * a * (1 - a)
        ring_x = x[alive, None] + r * a * torch.cos(around)
        ring_y = y[alive, None] + 0.35 * r * a * torch.sin(around)
        _draw(canvas[t], crown_x, crown_y, depths)
        _draw(canvas[t], ring_x, ring_y, 0.5 * depths)
        speck_x, speck_y = rand(generator, specks) * width, top + rand(generator, specks) * (height - top)
        faint = -math.log1p(-0.7 * ground.alpha) * rand(generator, specks)
        _draw(canvas[t], speck_x, speck_y, faint)
    return 1 - torch.exp(-canvas)


def _draw(canvas: Tensor, x: Tensor, y: Tensor, depth: Tensor) -> None:
    weight = (depth * _SIGMA * math.sqrt(2 * math.pi)).expand_as(x).reshape(-1)
    add_points(canvas, x.reshape(-1), y.reshape(-1), torch.full_like(weight, _SIGMA), weight, _TAPS)
