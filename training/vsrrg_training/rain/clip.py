"""Rain falls on a clip: a layer, its light, and the way it joins the scene."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.draw import chance, uniform
from vsrrg_training.rain.layer import Parameters, RainLayer
from vsrrg_training.rain.noise import editor_noise
from vsrrg_training.rain.photometry import (
    Overlay,
    blend,
    fog,
    lamps,
    luma,
    overlay,
    rain_light,
    smooth_field,
    surroundings,
)
from vsrrg_training.rain.population import (
    Population,
    bars,
    before,
    behind,
    draw_population,
    enlarged,
    smears,
)
from vsrrg_training.rain.registry import brought_layer, find_type
from vsrrg_training.rain.splashes import draw_ground, splashes
from vsrrg_training.rain.streaks import opacity
from vsrrg_training.rain.types import RainType

_THICKEST = 0.3
"""Mean opacity that no clip exceeds: however much falls, most of the scene stays to be seen."""
_THICKEST_BRIGHT = 0.12
"""The same for bright streaks."""


@dataclass(frozen=True, eq=False)
class RainyClip:
    """A clip with rain and its twin without; night and fog belong to the scene and are in both."""

    clean: Tensor
    """(T, 3, H, W), gamma R'G'B' in 0..1."""
    rainy: Tensor
    """(T, 3, H, W), gamma R'G'B' in 0..1."""
    parameters: Parameters
    """What was drawn, for reports."""


def make_rainy(clean: Tensor, rain_type: str, generator: torch.Generator) -> RainyClip:
    """Let it rain on a clip.

    `clean` is (T, 3, H, W) float32, gamma R'G'B' in 0..1, on the generator's device. The result depends on
    the clip, the type and the generator's state alone. Raises RecipeError for an unknown type, PluginError
    where a plugin's type fails.
    """
    return let_fall(draw_layer(clean, rain_type, generator), clean, rain_type, generator)


def draw_layer(clean: Tensor, rain_type: str, generator: torch.Generator) -> RainLayer:
    """A layer of rain for a clip; arguments and errors as for `make_rainy`."""
    kind = find_type(rain_type)
    parameters: Parameters = {"type": rain_type}
    layer = _layer(kind, clean, generator, parameters)
    return replace(layer, parameters={**layer.parameters, **parameters})


def let_fall(layer: RainLayer, clean: Tensor, rain_type: str, generator: torch.Generator) -> RainyClip:
    """Join a layer with a clip of its size; light, weather and splashes are drawn as the type has them."""
    kind = find_type(rain_type)
    parameters = dict(layer.parameters)
    frames, _, height, width = clean.shape
    alpha = layer.alpha[:, None] * smooth_field(height, width, 3, generator, low=0.5, high=1.2).clamp(max=1)
    if chance(generator, kind.looks.splashes):
        parameters["splashes"] = True
        arrived = splashes(draw_ground(generator), frames, height, width, generator)
        alpha = 1 - (1 - alpha) * (1 - arrived[:, None])
    scene, gain = clean, 1.0
    if kind.veil[1] > 0:
        scene = fog(scene, uniform(generator, *kind.veil), generator)
    if kind.night:
        scene, lit = lamps(scene, generator)
        alpha = alpha * lit
        gain = uniform(generator, 1.2, 2.5)
    if layer.light is not None:
        gamma = parameters["gamma"] = uniform(generator, 1.0, 2.3)
        return RainyClip(scene, blend(scene, alpha, layer.light, gamma), parameters)
    return RainyClip(scene, _join(kind, scene, alpha, gain, generator, parameters), parameters)


def _layer(kind: RainType, clean: Tensor, generator: torch.Generator, parameters: Parameters) -> RainLayer:
    if kind.layer:
        return brought_layer(kind, clean, generator)
    frames, _, height, width = clean.shape
    if chance(generator, kind.looks.noise if frames > 1 else kind.looks.edited):
        parameters["layer"] = "noise"
        return editor_noise(kind, clean, generator)
    population = draw_population(generator, kind)
    parameters |= asdict(population)
    falling = [population]
    if chance(generator, kind.background):
        falling.append(behind(population, generator))
    if chance(generator, kind.foreground):
        falling.append(before(population, generator))
    if chance(generator, kind.looks.bars):
        falling.append(bars(population, generator))
    if chance(generator, kind.looks.smears):
        falling.append(smears(population, generator))
    factor = uniform(generator, 1.2, 2.0) if chance(generator, kind.looks.enlarged) else 1.0
    if chance(generator, kind.looks.tiles):
        parameters["layer"] = "tiles"
        clear = _tiled(falling, frames, round(height / factor), round(width / factor), generator)
    else:
        clear = _clearness(falling, factor, frames, height, width, generator)
    if clear.shape[-2:] != (height, width):
        clear = F.interpolate(clear[:, None], size=(height, width), mode="bilinear")[:, 0]
    return RainLayer(1 - clear)


def _clearness(
    falling: list[Population], factor: float, frames: int, height: int, width: int, generator: torch.Generator
) -> Tensor:
    """The share of light that passes several populations, drawn `factor` times smaller."""
    rows, columns = max(1, round(height / factor)), max(1, round(width / factor))
    clear = torch.ones(frames, rows, columns, device=generator.device)
    for population in falling:
        clear = clear * (1 - opacity(enlarged(population, factor), frames, rows, columns, generator))
    return clear


def _tiled(
    falling: list[Population], frames: int, height: int, width: int, generator: torch.Generator
) -> Tensor:
    """One drawn frame, larger than the picture, of which each frame shows another part."""
    rows, columns = height + max(1, height // 2), width + max(1, width // 2)
    texture = _clearness(falling, 1.0, 1, rows, columns, generator)[0]
    parts = []
    for _ in range(frames):
        top = int(uniform(generator, 0, rows - height + 1))
        left = int(uniform(generator, 0, columns - width + 1))
        parts.append(texture[top : top + height, left : left + width])
    return torch.stack(parts)


def _join(
    kind: RainType,
    scene: Tensor,
    alpha: Tensor,
    gain: float,
    generator: torch.Generator,
    parameters: Parameters,
) -> Tensor:
    """The scene with the layer before it."""
    looks = kind.looks
    dimmest = 0.0
    if chance(generator, looks.bright):
        parameters["bright"] = True
        alpha = _thinned(1 - (1 - alpha) ** uniform(generator, 1.5, 3.5), _THICKEST_BRIGHT)
        dimmest = uniform(generator, 0.7, 1.3)
    alpha = _thinned(alpha, _THICKEST)
    if chance(generator, looks.overlay if len(scene) > 1 else looks.edited):
        mode: Overlay = ("add", "screen", "lighten")[int(uniform(generator, 0, 3))]
        parameters["overlay"] = mode
        white = torch.tensor([uniform(generator, 0.93, 1.0) for _ in range(3)], device=scene.device)
        strength = uniform(generator, 0.7, 1.2) if mode != "lighten" else uniform(generator, 1.5, 3.0)
        return overlay(scene, (alpha * strength).clamp(max=1) * white.view(1, 3, 1, 1), mode)
    gamma = parameters["gamma"] = uniform(generator, 1.0, 2.3)
    low = chance(generator, looks.low)
    light = (rain_light(scene, generator, low=low) * gain).clamp(min=dimmest)
    if chance(generator, looks.dark):
        parameters["dark"] = True
        scene = _darkened(scene, kind, gamma, generator)
    return blend(scene, alpha.clamp(0, 0.95), light, gamma)


def _thinned(alpha: Tensor, thickest: float) -> Tensor:
    return alpha * (thickest / alpha.mean().clamp(min=thickest))


def _darkened(scene: Tensor, kind: RainType, gamma: float, generator: torch.Generator) -> Tensor:
    """The scene behind a share of streaks that refract darker ground."""
    frames, _, height, width = scene.shape
    population = draw_population(generator, kind)
    share = uniform(generator, 0.1, 0.6)
    some = replace(population, density=min(population.density, 8000.0) * share)
    near = luma(surroundings(scene))
    # Drops show dark ground where they hang before something bright.
    against = (near / near.amax().clamp(min=0.3)) ** 2
    alpha = opacity(some, frames, height, width, generator)[:, None] * against
    light = near * uniform(generator, 0.2, 0.75)
    return blend(scene, alpha, light.expand_as(scene), gamma)
