"""Synthetic rain for whole clips: coupled by depth, coherent in time, blended as light, seen through a
camera and a codec.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vsrrg_training.rain.clip import RainyClip, draw_layer, let_fall, make_rainy
from vsrrg_training.rain.degrade import degrade
from vsrrg_training.rain.distractions import make_dry
from vsrrg_training.rain.layer import RainLayer
from vsrrg_training.rain.registry import rain_types
from vsrrg_training.rain.types import Looks, RainType

__all__ = [
    "RAIN_TYPES",
    "TYPES",
    "Looks",
    "RainLayer",
    "RainType",
    "RainyClip",
    "degrade",
    "draw_layer",
    "let_fall",
    "make_dry",
    "make_rainy",
]

TYPES: Mapping[str, RainType]
"""Every kind of rain by name, the generator's own first, then those of plugins."""
RAIN_TYPES: tuple[str, ...]
"""Their names."""


def __getattr__(name: str) -> Any:
    # Plugins are looked up at first use, not when the module is imported: they import it themselves.
    if name == "TYPES":
        return rain_types()
    if name == "RAIN_TYPES":
        return tuple(rain_types())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
