"""Rain as image editors make it: noise, of which the highest values stay, smeared along a direction.

Convolving in the frequency domain makes the cost the same for any density and length, and the texture
periodic, so that it may be shifted without a seam.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vsrrg_training.rain.draw import chance, log_uniform, uniform
from vsrrg_training.rain.layer import RainLayer
from vsrrg_training.rain.photometry import smooth_field
from vsrrg_training.rain.population import draw_angle

if TYPE_CHECKING:
    from vsrrg_training.rain.types import RainType


_FULL = 0.25
"""Seeds times length times sigma at which streaks leave little of the scene."""

_TAIL = 0.02


@dataclass(frozen=True, kw_only=True)
class Smear:
    """One texture of smeared noise."""

    seeds: float
    """Share of the pixels that stay above the threshold."""
    length: float
    sigma: float
    """Gaussian cross-section in pixels."""
    depth: float
    """Optical depth of a single streak's axis."""
    angle: float
    """From the vertical, in radians."""
    speed: float | None
    """Pixels that the texture moves a frame; None: drawn anew in every frame."""
    contrast: float = 0.0
    """Share of the texture's mean that is taken off, so that merging streaks stay streaks."""


def smeared(smear: Smear, frames: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """Optical depth (frames, height, width) of one texture."""
    device = generator.device
    drawn = frames if smear.speed is None else 1
    noise = torch.rand(drawn, height, width, generator=generator, device=device)
    seeds = (noise - (1 - smear.seeds)).clamp(min=0) / smear.seeds
    fy = torch.fft.fftfreq(height, device=device)[:, None]
    fx = torch.fft.rfftfreq(width, device=device)[None]
    along = fx * math.sin(smear.angle) + fy * math.cos(smear.angle)
    blur = torch.exp(-2 * (math.pi * smear.sigma) ** 2 * (fx**2 + fy**2))
    # A single seed of value 1 becomes a line whose axis has the value 1.
    gain = smear.length * smear.sigma * math.sqrt(2 * math.pi)
    transfer = gain * torch.sinc(smear.length * along) * blur
    texture = torch.fft.irfft2(torch.fft.rfft2(seeds) * transfer, s=(height, width))
    if smear.contrast:
        texture = texture - smear.contrast * texture.mean((1, 2), keepdim=True)
    # Faint tails would leave no pixel of the scene as it is.
    texture = (texture - _TAIL).clamp(min=0) * smear.depth
    if smear.speed is None:
        return torch.as_tensor(texture)
    shifts = [
        (round(t * smear.speed * math.cos(smear.angle)), round(t * smear.speed * math.sin(smear.angle)))
        for t in range(frames)
    ]
    return torch.cat([torch.roll(texture, shift, (1, 2)) for shift in shifts])


def editor_noise(kind: RainType, scene: Tensor, generator: torch.Generator) -> RainLayer:
    """A layer of one to three textures of a type's density, length, width, opacity and angle."""
    frames, _, height, width = scene.shape
    angle = draw_angle(generator, kind)
    speed = None if chance(generator, 0.7) else log_uniform(generator, 3, 80)
    depth = torch.zeros(frames, height, width, device=generator.device)
    for _ in range(1 + int(uniform(generator, 0, 2.5))):
        length = log_uniform(generator, *kind.length)
        sigma = max(0.45, log_uniform(generator, *kind.sigma))
        seeds = log_uniform(generator, *kind.density) * 1e-6 * log_uniform(generator, 0.7, 3)
        smear = Smear(
            seeds=min(seeds, _FULL / (length * sigma)),
            length=length,
            sigma=sigma,
            depth=1.3 * log_uniform(generator, *kind.alpha),
            angle=angle + math.radians(uniform(generator, -2, 2)),
            speed=speed,
            contrast=uniform(generator, 0.0, 1.2),
        )
        depth = depth + smeared(smear, frames, height, width, generator)
    return RainLayer(1 - torch.exp(-depth))


def sheets(kind: RainType, scene: Tensor, generator: torch.Generator) -> RainLayer:
    """Merging streaks: textures over each other that move at different speeds, thicker here than there.

    In video what stays the same is a veil, which belongs to the scene; a single picture's texture is rain as
    a whole.
    """
    frames, _, height, width = scene.shape
    angle = draw_angle(generator, kind)
    if frames == 1 and chance(generator, 0.6):
        return _curtain(angle, height, width, generator)
    redrawn = chance(generator, 0.5)
    depth = torch.zeros(frames, height, width, device=generator.device)
    for _ in range(1 + int(uniform(generator, 0, 2.5))):
        length = log_uniform(generator, *kind.length)
        seeds = log_uniform(generator, *kind.density) * 1e-6
        sigma = max(0.45, log_uniform(generator, *kind.sigma))
        # The texture's standard deviation, of sums of seeds under a line, is brought to the wanted opacity.
        spread = math.sqrt(max(seeds * length * sigma, 0.05)) * 0.8
        smear = Smear(
            seeds=seeds,
            length=length,
            sigma=sigma,
            depth=log_uniform(generator, *kind.alpha) / spread,
            angle=angle + math.radians(uniform(generator, -3, 3)),
            speed=None if redrawn else length / log_uniform(generator, 0.3, 2.0),
            contrast=uniform(generator, 0.8, 1.3) if frames > 1 else uniform(generator, 0.0, 0.8),
        )
        thickness = smooth_field(height, width, 3, generator, low=uniform(generator, 0.0, 0.8), high=1.3)[0]
        depth = depth + smeared(smear, frames, height, width, generator) * thickness
    return RainLayer(1 - torch.exp(-depth))


def _curtain(angle: float, height: int, width: int, generator: torch.Generator) -> RainLayer:
    """Soft streaks so dense that hardly a pixel is without: an editor's noise, smeared and laid on."""
    depth = torch.zeros(1, height, width, device=generator.device)
    for _ in range(1 + int(uniform(generator, 0, 2))):
        length, sigma = log_uniform(generator, 8, 120), log_uniform(generator, 0.5, 2.2)
        seeds = log_uniform(generator, 0.03, 0.6)
        smear = Smear(
            seeds=seeds,
            length=length,
            sigma=sigma,
            depth=log_uniform(generator, 0.015, 0.12) / math.sqrt(max(seeds * length * sigma, 0.05)),
            angle=angle + math.radians(uniform(generator, -2, 2)),
            speed=None,
            contrast=uniform(generator, 0.0, 0.7),
        )
        thickness = smooth_field(height, width, 3, generator, low=uniform(generator, 0.0, 0.9), high=1.3)[0]
        depth = depth + smeared(smear, 1, height, width, generator) * thickness
    return RainLayer(1 - torch.exp(-depth))
