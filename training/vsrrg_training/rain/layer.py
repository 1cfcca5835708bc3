"""What a rain layer is, for the generator's own makers and for those that plugins bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from vsrrg_training.rain.types import RainType

Parameters = dict[str, float | bool | str | None]


@dataclass(frozen=True, eq=False)
class RainLayer:
    """Rain apart from the scene that it falls before."""

    alpha: Tensor
    """(T, H, W): the share of the light that rain takes over, 0..1."""
    light: Tensor | None = None
    """(T, 3, H, W), gamma R'G'B': the rain's own light; above 1 is allowed. None: drawn from the scene."""
    parameters: Parameters = field(default_factory=dict)
    """What was drawn, for reports."""


type LayerMaker = Callable[["RainType", Tensor, torch.Generator], RainLayer]
"""Makes a layer from the type that asks, the scene (T, 3, H, W) in 0..1 and the generator, on its device."""


def checked(layer: object, kind: RainType, scene: Tensor) -> RainLayer:
    """The layer, if it fits the scene. Raises ValueError that names the type."""
    frames, _, height, width = scene.shape
    problem = ""
    if not isinstance(layer, RainLayer):
        problem = f"a {type(layer).__name__} instead of a RainLayer"
    elif tuple(layer.alpha.shape) != (frames, height, width):
        problem = f"opacity of the shape {tuple(layer.alpha.shape)} instead of {(frames, height, width)}"
    elif not (layer.alpha.isfinite().all() and layer.alpha.min() >= 0 and layer.alpha.max() <= 1):
        problem = "opacity outside 0..1"
    elif layer.light is not None and tuple(layer.light.shape) != tuple(scene.shape):
        problem = f"light of the shape {tuple(layer.light.shape)} instead of {tuple(scene.shape)}"
    if problem or not isinstance(layer, RainLayer):
        raise ValueError(f"the layer maker of rain type {kind.name!r} returned {problem}")
    return layer
