"""What one clip's streaks have in common, and how it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from vsrrg_training.rain.draw import chance, log_uniform, uniform

if TYPE_CHECKING:
    from vsrrg_training.rain.types import Looks, RainType


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
    fade: float = 0.2
    """Share of the streak over which either end fades; 0: hard ends."""
    head: float = 0.0
    """How much fainter the tail is than the head, 0..1; below zero the tail is the brighter end."""
    edge: float | None = None
    """Flat across, with edges so many pixels soft; None: Gaussian across."""
    square: bool = False
    """Flat streaks end square rather than round."""
    sway: float = 0.0
    """Standard deviation of the common angle in time, in radians."""
    gust: float = 0.0
    """Standard deviation of the logarithm of the density in time."""
    memory: float = 20.0
    """Frames after which a gust is forgotten."""
    patches: float = 0.0
    """Share of the drops missing where rain is thinnest, 0..1."""


def draw_population(generator: torch.Generator, kind: RainType) -> Population:
    """Draw what a clip's streaks have in common from a type's ranges and looks."""
    plain = Population(
        density=log_uniform(generator, *kind.density),
        length=log_uniform(generator, *kind.length),
        sigma=log_uniform(generator, *kind.sigma),
        alpha=log_uniform(generator, *kind.alpha),
        angle=draw_angle(generator, kind),
        angle_spread=math.radians(uniform(generator, *kind.angle_spread)),
        depth_ratio=uniform(generator, *kind.depth_ratio),
        exposure=log_uniform(generator, 0.05, 1.0),
        coherent=chance(generator, 0.5),
        drift=math.radians(uniform(generator, -0.4, 0.4)),
        convergence=math.radians(uniform(generator, -4.0, 4.0) + uniform(generator, -4.0, 4.0)),
    )
    return _windy(_shaped(plain, kind.looks, generator), kind.looks, generator)


def draw_angle(generator: torch.Generator, kind: RainType) -> float:
    """A clip's angle from the vertical in radians; most rain falls steeply."""
    low, high = kind.angle
    sign = 1.0 if chance(generator, 0.5) else -1.0
    return sign * math.radians(low + (high - low) * uniform(generator, 0.0, 1.0) ** 1.7)


def behind(front: Population, generator: torch.Generator) -> Population:
    """Distant rain behind the near one: the same wind and shutter, shorter, thinner, fainter and denser."""
    ratio = uniform(generator, 2.0, 4.0)
    return replace(
        front,
        density=min(20000.0, max(1500.0, front.density * ratio**2 / 2)),
        length=max(4.0, min(front.length, 60.0) / ratio),
        sigma=uniform(generator, 0.33, 0.6),
        alpha=max(0.03, front.alpha / uniform(generator, 1.0, 3.0)),
        angle_spread=front.angle_spread * 1.5,
        depth_ratio=2.0,
        edge=None,
    )


def before(rain: Population, generator: torch.Generator) -> Population:
    """Near drops before the rain: the same wind, few, short and fat, bright or nearly invisible."""
    return replace(
        rain,
        density=log_uniform(generator, 60, 900),
        length=log_uniform(generator, 5, 30),
        sigma=log_uniform(generator, 0.9, 3.0),
        alpha=log_uniform(generator, 0.1, 0.6),
        angle_spread=rain.angle_spread * 1.5,
        depth_ratio=2.0,
    )


def bars(rain: Population, generator: torch.Generator) -> Population:
    """A few wide translucent bars before the rain, as editors composite them: flat, with hard ends."""
    return replace(
        rain,
        density=log_uniform(generator, 20, 250),
        length=log_uniform(generator, 15, 110),
        sigma=log_uniform(generator, 0.7, 3.6),
        alpha=log_uniform(generator, 0.05, 0.85),
        angle_spread=rain.angle_spread * 0.7,
        depth_ratio=1.5,
        edge=log_uniform(generator, 1.0, 3.0),
        square=chance(generator, 0.6),
    )


def smears(rain: Population, generator: torch.Generator) -> Population:
    """Near drops in a slow shutter: few, long, wide, soft, and faint, for their light is spread far."""
    return replace(
        rain,
        density=log_uniform(generator, 5, 80),
        length=log_uniform(generator, 60, 320),
        sigma=log_uniform(generator, 1.8, 7.0),
        alpha=log_uniform(generator, 0.04, 0.35),
        depth_ratio=2.0,
        fade=uniform(generator, 0.1, 0.45),
        edge=None,
    )


def enlarged(population: Population, factor: float) -> Population:
    """The population to draw on a raster `factor` times coarser, to be enlarged afterwards."""
    return replace(
        population,
        density=population.density * factor**2,
        length=max(1.0, population.length / factor),
        sigma=population.sigma / factor,
    )


def _shaped(plain: Population, looks: Looks, generator: torch.Generator) -> Population:
    if chance(generator, looks.hard):
        plain = replace(plain, fade=uniform(generator, 0.0, 0.05))
    if chance(generator, looks.comet):
        sign = 1.0 if chance(generator, 0.8) else -1.0
        plain = replace(plain, head=sign * uniform(generator, 0.4, 1.0))
    if chance(generator, looks.flat):
        soft = log_uniform(generator, 1.0, 2.5)
        plain = replace(plain, edge=soft, square=chance(generator, 0.5))
    return plain


def _windy(plain: Population, looks: Looks, generator: torch.Generator) -> Population:
    if chance(generator, looks.gusts):
        plain = replace(
            plain,
            sway=math.radians(log_uniform(generator, 0.5, 6.0)),
            gust=uniform(generator, 0.1, 0.6),
            # Gusts last 0.3 to 2 s, at 24 to 60 frames a second.
            memory=log_uniform(generator, 8, 120),
        )
    if chance(generator, looks.patches):
        plain = replace(plain, patches=uniform(generator, 0.3, 1.0))
    return plain
