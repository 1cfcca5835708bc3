"""Rain types by name: the generator's own, then those of plugins."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from vsrrg.hooks.manager import Offer, blaming
from vsrrg_training.config import RecipeError
from vsrrg_training.rain.layer import RainLayer, checked
from vsrrg_training.rain.types import RainType
from vsrrg_training.registry import OWN, known

_TAKEN = frozenset({"none"})
"""Names that reports give to other things than rain."""


def rain_types() -> Mapping[str, RainType]:
    """Every kind of rain by name.

    Raises PluginError, naming the plugin, where one offers something else than new, well-formed types.
    """
    return MappingProxyType({name: offer.item for name, offer in _offers().items()})


def find_type(name: str) -> RainType:
    """The rain type of this name. Raises RecipeError where there is none, PluginError as `rain_types`."""
    offers = _offers()
    if name not in offers:
        raise RecipeError(
            "training-unknown-name", f"unknown rain type {name!r}: choose one of {', '.join(offers)}"
        )
    return offers[name].item


def brought_layer(kind: RainType, scene: Tensor, generator: torch.Generator) -> RainLayer:
    """What the type's own layer maker makes for a scene (T, 3, H, W), checked.

    Raises PluginError that names the plugin where its maker fails or its layer does not fit.
    """
    assert kind.layer
    offer = _offers().get(kind.name)
    if offer is None or offer.plugin == OWN:
        return checked(kind.layer(kind, scene, generator), kind, scene)
    with blaming(offer.plugin, f"to make rain of type {kind.name!r}"):
        return checked(kind.layer(kind, scene, generator), kind, scene)


def _offers() -> Mapping[str, Offer[RainType]]:
    return known("vsrrg_rain_types", RainType, "rain type", _TAKEN)
