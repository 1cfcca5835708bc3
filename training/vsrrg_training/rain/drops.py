"""Drops with depth: a drop k times as far is k times shorter, thinner and slower on the image.

Once it is thinner than the lens and the pixel can show, it fades instead. Geometry after Garg and Nayar
(*Vision and Rain*, 2007): a streak is a drop smeared over the exposure, its opacity the share of the
exposure for which the drop covers the pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vsrrg_training.rain.draw import normal, rand
from vsrrg_training.rain.population import Population

FINEST_SIGMA = 0.33
WIDEST_SIGMA = 8.8


@dataclass(frozen=True)
class Drops:
    """Drops of a clip: vectors of equal length, positions in pixels."""

    x: Tensor
    y: Tensor
    angle: Tensor
    length: Tensor
    sigma: Tensor
    alpha: Tensor
    beads: Tensor
    rank: Tensor
    """0..1: in weaker rain the drops of low rank alone fall."""

    def chosen(self, index: Tensor) -> Drops:
        """The drops of these numbers."""
        return Drops(*(value[index] for value in vars(self).values()))


def draw_drops(p: Population, count: int, box_w: float, box_h: float, generator: torch.Generator) -> Drops:
    """Drops of a population, spread evenly over a box."""
    # Density per depth grows as depth squared; u**(1/3) is uniform in the volume of a cone.
    near = 1 / p.depth_ratio
    depth = (near**3 + (1 - near**3) * rand(generator, count)) ** (1 / 3)
    nearness = near / depth
    median = near / (0.5 * (1 + near**3)) ** (1 / 3)
    size = torch.exp(0.3 * normal(generator, count))
    true_sigma = p.sigma * nearness * size.sqrt()
    sigma = (true_sigma**2 + FINEST_SIGMA**2).sqrt().clamp(max=WIDEST_SIGMA)
    length = (p.length * nearness / median * size).clamp(1.0, 1.5 * p.length)
    fade = (true_sigma / FINEST_SIGMA).clamp(0.25, 1.0)
    alpha = p.alpha * fade * torch.exp(0.5 * normal(generator, count))
    return Drops(
        x=rand(generator, count) * box_w,
        y=rand(generator, count) * box_h,
        angle=p.angle + p.angle_spread * normal(generator, count),
        length=length,
        sigma=sigma,
        alpha=alpha.clamp(0.004, 0.9),
        beads=rand(generator, count),
        rank=rand(generator, count),
    )
