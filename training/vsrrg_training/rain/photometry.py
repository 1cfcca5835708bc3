"""What streaks do to light: blend toward the surroundings' brightness, in a space between linear light
and the gamma signal; or what editors do instead.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.draw import chance, uniform

_LUMA = (0.2126, 0.7152, 0.0722)


def luma(rgb: Tensor) -> Tensor:
    """BT.709 luma of (T, 3, H, W): (T, 1, H, W)."""
    weights = torch.tensor(_LUMA, device=rgb.device, dtype=rgb.dtype).view(1, 3, 1, 1)
    return (rgb * weights).sum(1, keepdim=True)


def smooth_field(
    height: int, width: int, cells: int, generator: torch.Generator, *, low: float, high: float
) -> Tensor:
    """Slowly varying random field (1, 1, H, W) within [low, high]."""
    knots = torch.rand(1, 1, cells, cells, generator=generator, device=generator.device)
    field = F.interpolate(knots, size=(height, width), mode="bicubic", align_corners=True).clamp(0, 1)
    return low + (high - low) * field


def surroundings(scene: Tensor) -> Tensor:
    """The scene (T, 3, H, W) blurred to about a 24th of a 640 pixel wide frame's width."""
    height, width = scene.shape[-2:]
    grid = (max(1, height // 24), max(1, width // 24))
    return F.interpolate(F.adaptive_avg_pool2d(scene, grid), size=(height, width), mode="bilinear")


def rain_light(scene: Tensor, generator: torch.Generator, *, low: bool = False) -> Tensor:
    """The light (T, 3, H, W) that a streak shows: between the sky of the clip and the blurred
    surroundings, nearly grey. If `low`, it is darker than the scene's bright parts, where streaks then
    look dark, as drops that refract dark ground do before a bright sky.
    """
    near = surroundings(scene)
    bright = torch.quantile(luma(scene)[:, :, ::3, ::3].flatten(), 0.9).item()
    if low:
        sky = uniform(generator, 0.4, 0.9) * max(bright, 0.3)
    else:
        sky = uniform(generator, 0.5, 1.0) * max(bright, 0.3) + uniform(generator, 0.1, 0.7)
    tint = torch.tensor(
        [1 + uniform(generator, -0.05, 0.02), 1.0, 1 + uniform(generator, -0.02, 0.07)], device=scene.device
    ).view(1, 3, 1, 1)
    local = uniform(generator, 0.0, 0.8)
    grey = uniform(generator, 0.4, 1.0)
    gain = uniform(generator, 0.6, 1.0) if low else uniform(generator, 1.1, 1.8)
    near = (grey * luma(near) + (1 - grey) * near) * gain
    return (local * near + (1 - local) * sky) * tint


def blend(scene: Tensor, alpha: Tensor, light: Tensor, gamma: float) -> Tensor:
    """Mix `light` into `scene` (both gamma signals 0..1) by alpha (T, 1, H, W), on signals raised to
    `gamma` (1: as they are).
    """
    linear = scene.clamp(min=0) ** gamma
    mixed = linear + alpha * (light.clamp(min=0) ** gamma - linear)
    # Where no streak is, the scene itself comes back, free of the powers' rounding.
    return torch.where(alpha > 1e-4, mixed.clamp(0, 1) ** (1 / gamma), scene)


Overlay = Literal["add", "screen", "lighten"]


def overlay(scene: Tensor, layer: Tensor, mode: Overlay) -> Tensor:
    """Join a layer (T, 1 or 3, H, W; 0..1) with the scene by an editor's blend mode."""
    if mode == "add":
        joined = scene + layer
    elif mode == "screen":
        joined = scene + layer * (1 - scene)
    else:
        joined = torch.maximum(scene, layer)
    return joined.clamp(max=1)


def fog(scene: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Distant rain as fog: a slowly varying share `amount` of the light is replaced by the sky's."""
    height, width = scene.shape[-2:]
    share = smooth_field(height, width, 3, generator, low=0.3 * amount, high=min(1.0, 1.6 * amount))
    sky = uniform(generator, 0.55, 0.95)
    return scene + share * (sky - scene)


def lamps(scene: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A night version of the scene and the lamp light (1, 1, H, W) in 0..1 that falls on the rain."""
    height, width = scene.shape[-2:]
    field = smooth_field(height, width, 4, generator, low=0.0, high=1.0) ** 2
    ambient = uniform(generator, 0.05, 0.4)
    lit = ambient + (1 - ambient) * field
    warm = torch.tensor(
        [1.0, uniform(generator, 0.8, 1.0), uniform(generator, 0.55, 1.05)], device=scene.device
    )
    night = scene ** uniform(generator, 1.0, 1.8) * uniform(generator, 0.3, 0.7) * (0.35 + 0.65 * lit)
    if chance(generator, 0.7):
        night = night * warm.view(1, 3, 1, 1)
    return night.clamp(0, 1), lit
