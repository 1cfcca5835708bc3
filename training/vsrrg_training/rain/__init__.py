"""Synthetic rain for whole clips: coupled by depth, coherent in time, blended as light, seen through a
camera and a codec.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor

from vsrrg_training.rain.degrade import degrade
from vsrrg_training.rain.draw import chance, log_uniform, uniform
from vsrrg_training.rain.photometry import blend, fog, lamps, rain_light, smooth_field
from vsrrg_training.rain.streaks import Population, draw_population, opacity
from vsrrg_training.rain.types import TYPES, RainType

__all__ = ["RAIN_TYPES", "TYPES", "RainType", "RainyClip", "degrade", "make_rainy"]

RAIN_TYPES: tuple[str, ...] = tuple(TYPES)


@dataclass(frozen=True, eq=False)
class RainyClip:
    """A clip with rain and its twin without; night and fog belong to the scene and are in both."""

    clean: Tensor
    """(T, 3, H, W), gamma R'G'B' in 0..1."""
    rainy: Tensor
    """(T, 3, H, W), gamma R'G'B' in 0..1."""
    parameters: dict[str, float | bool | str]
    """What was drawn, for reports."""


def make_rainy(clean: Tensor, rain_type: str, generator: torch.Generator) -> RainyClip:
    """Let it rain on a clip.

    `clean` is (T, 3, H, W) float32, gamma R'G'B' in 0..1, on the generator's device. The result depends on
    the clip, the type and the generator's state alone. Raises ValueError for an unknown type.
    """
    if rain_type not in TYPES:
        raise ValueError(f"unknown rain type {rain_type!r}: choose one of {', '.join(TYPES)}")
    kind = TYPES[rain_type]
    frames, _, height, width = clean.shape
    population = draw_population(
        generator,
        density=kind.density,
        length=kind.length,
        sigma=kind.sigma,
        alpha=kind.alpha,
        angle=kind.angle,
        angle_spread=kind.angle_spread,
        depth_ratio=kind.depth_ratio,
    )
    alpha = opacity(population, frames, height, width, generator)
    if chance(generator, kind.background):
        behind = _behind(population, generator)
        alpha = 1 - (1 - alpha) * (1 - opacity(behind, frames, height, width, generator))
    if chance(generator, kind.foreground):
        near = _before(population, generator)
        alpha = 1 - (1 - alpha) * (1 - opacity(near, frames, height, width, generator))
    alpha = alpha[:, None] * smooth_field(height, width, 3, generator, low=0.5, high=1.2).clamp(max=1)
    scene, gain = clean, 1.0
    if kind.veil[1] > 0:
        scene = fog(scene, uniform(generator, *kind.veil), generator)
    if kind.night:
        scene, lit = lamps(scene, generator)
        alpha = alpha * lit
        gain = uniform(generator, 1.2, 2.5)
    gamma = uniform(generator, 1.0, 2.3)
    light = rain_light(scene, generator) * gain
    rainy = blend(scene, alpha.clamp(0, 0.9), light, gamma)
    parameters: dict[str, float | bool | str] = {"type": rain_type, "gamma": gamma, **asdict(population)}
    return RainyClip(scene, rainy, parameters)


def _behind(front: Population, generator: torch.Generator) -> Population:
    """Distant rain behind the near one: the same wind and shutter, shorter, thinner, fainter and denser."""
    ratio = uniform(generator, 2.0, 4.0)
    length = max(4.0, min(front.length, 60.0) / ratio)
    return replace(
        front,
        density=min(20000.0, max(1500.0, front.density * ratio**2 / 2)),
        length=length,
        sigma=uniform(generator, 0.33, 0.6),
        alpha=max(0.03, front.alpha / uniform(generator, 1.0, 3.0)),
        angle_spread=front.angle_spread * 1.5,
        depth_ratio=2.0,
    )


def _before(behind: Population, generator: torch.Generator) -> Population:
    """Near drops before the rain: the same wind, few, short and fat, bright or nearly invisible."""
    return replace(
        behind,
        density=log_uniform(generator, 60, 900),
        length=log_uniform(generator, 5, 30),
        sigma=log_uniform(generator, 0.9, 3.0),
        alpha=log_uniform(generator, 0.1, 0.6),
        angle_spread=behind.angle_spread * 1.5,
        depth_ratio=2.0,
    )
