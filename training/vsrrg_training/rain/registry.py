"""Rain types by name: the generator's own, then those of plugins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import torch
from torch import Tensor

from vsrrg.errors import PluginError
from vsrrg.hooks.manager import Offer, PluginManager, get_manager
from vsrrg_training import hooks
from vsrrg_training.config import RecipeError
from vsrrg_training.rain.layer import RainLayer, checked
from vsrrg_training.rain.types import TYPES, RainType

_OWN = "vsrrg-training"
_TAKEN = frozenset({"none"})
"""Names that reports give to other things than rain."""


def rain_types() -> Mapping[str, RainType]:
    """Every kind of rain by name.

    Raises PluginError, naming the plugin, where one offers something else than new, well-formed types.
    """
    return MappingProxyType({name: offer.item for name, offer in _offers(get_manager()).items()})


def find_type(name: str) -> RainType:
    """The rain type of this name. Raises RecipeError where there is none, PluginError as `rain_types`."""
    known = rain_types()
    if name not in known:
        raise RecipeError(f"unknown rain type {name!r}: choose one of {', '.join(known)}")
    return known[name]


def brought_layer(kind: RainType, scene: Tensor, generator: torch.Generator) -> RainLayer:
    """What the type's own layer maker makes for a scene (T, 3, H, W), checked.

    Raises PluginError that names the plugin where its maker fails or its layer does not fit.
    """
    assert kind.layer
    offer = _offers(get_manager()).get(kind.name)
    if offer is None or offer.plugin == _OWN:
        return checked(kind.layer(kind, scene, generator), kind, scene)
    try:
        return checked(kind.layer(kind, scene, generator), kind, scene)
    except Exception as error:
        what = f"failed to make rain of type {kind.name!r}: {type(error).__name__}: {error}"
        raise PluginError(_blame(offer.plugin, what)) from error


@cache
def _offers(manager: PluginManager) -> Mapping[str, Offer[RainType]]:
    manager.extend(hooks)
    found = {name: Offer(_OWN, kind) for name, kind in TYPES.items()}
    for offer in manager.collect("vsrrg_rain_types", RainType):
        name = offer.item.name
        if name in found or name in _TAKEN:
            owner = found[name].plugin if name in found else _OWN
            raise PluginError(_blame(offer.plugin, f"offers a rain type {name!r}, a name that {owner} has"))
        found[name] = offer
    return found


def _blame(plugin: str, what: str) -> str:
    return f"plugin {plugin} {what}; update or uninstall it, or switch plugins off with VSRRG_PLUGINS=off"
