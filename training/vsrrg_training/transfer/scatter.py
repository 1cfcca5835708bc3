"""How rain blurs what lies behind it: light scattered forward by drops reaches the camera from beside.

Our reading. Of the light of a scene point at optical thickness tau = beta Z, the share t = exp(-tau) arrives
straight (Bouguer); of the rest, the share f is scattered forward and arrives spread by a point spread
function h, and 1 - f is lost to an airlight A that comes from everywhere:

    blurred = t J + (1 - t) (f (h * J) + (1 - f) A)        in linear light
    sharp   = t J + (1 - t) (f J + (1 - f) A)

h follows the multiple-scattering solution for weather of Narasimhan and Nayar (2003), whose shape is a
generalized Gaussian (Metari and Deschenes, 2007): exp(-(rho / width)^tail), a sharp centre with long
tails. Drops fall while the shutter is open, so h is longer along their fall. The airlight stays in
`sharp`: a veil belongs to the scene here, as in the rain generator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.photometry import smooth_field
from vsrrg_training.transfer.config import ScatterConfig

_GAMMA = 2.2
_RADIUS = 12


@dataclass(frozen=True, kw_only=True)
class Medium:
    """The rain between camera and scene."""

    depth: float
    """Optical thickness of the farthest point."""
    near: float
    """Thickness of the nearest, relative to it."""
    forward: float
    width: float
    tail: float
    stretch: float
    angle: float
    """Of the fall from the vertical, radians."""
    airlight: float
    """Relative to the brightest tenth of the picture."""


def draw_medium(config: ScatterConfig, random: Random) -> Medium:
    """A medium from the ranges of a recipe."""
    return Medium(
        depth=random.uniform(*config.depth),
        near=random.uniform(0.2, 1.0),
        forward=random.uniform(*config.forward),
        width=math.exp(random.uniform(*map(math.log, config.width))),
        tail=random.uniform(*config.tail),
        stretch=random.uniform(*config.stretch),
        angle=math.radians(random.uniform(-config.angle, config.angle)),
        airlight=random.uniform(0.7, 1.1),
    )


def spread(medium: Medium) -> Tensor:
    """The point spread function h, (25, 25), sum 1."""
    across = torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float32)
    y, x = torch.meshgrid(across, across, indexing="ij")
    along = x * math.sin(medium.angle) + y * math.cos(medium.angle)
    beside = x * math.cos(medium.angle) - y * math.sin(medium.angle)
    rho = torch.sqrt((along / medium.stretch) ** 2 + beside**2)
    h = torch.exp(-((rho / medium.width) ** medium.tail))
    return h / h.sum()


def scatter(rgb: Tensor, medium: Medium, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A picture (3, H, W), gamma R'G'B' in 0..1, behind a medium: blurred, and with its light but sharp."""
    height, width = rgb.shape[1:]
    linear = rgb**_GAMMA
    # The ground before us is near, the horizon far, and rain falls in gusts.
    rise = torch.linspace(1, medium.near, height).view(-1, 1)
    gusts = smooth_field(height, width, 3, generator, low=0.6, high=1.4).reshape(height, width)
    straight = torch.exp(-medium.depth * rise * gusts)
    bright = linear.flatten(1).quantile(0.9, 1).mean() * medium.airlight
    beside = _convolved(linear, spread(medium))

    def arrived(scattered: Tensor) -> Tensor:
        light = medium.forward * scattered + (1 - medium.forward) * bright
        return (straight * linear + (1 - straight) * light).clamp(0, 1) ** (1 / _GAMMA)

    return arrived(beside), arrived(linear)


def _convolved(picture: Tensor, kernel: Tensor) -> Tensor:
    """(3, H, W), reflected at its edges, with a (25, 25) kernel; by Fourier transforms, since it is wide."""
    padded = F.pad(picture, (_RADIUS,) * 4, mode="reflect")
    size = list(padded.shape[-2:])
    product = torch.fft.rfft2(padded) * torch.fft.rfft2(kernel, s=size)
    whole: Tensor = torch.fft.irfft2(product, s=size)
    return whole[..., 2 * _RADIUS :, 2 * _RADIUS :]
