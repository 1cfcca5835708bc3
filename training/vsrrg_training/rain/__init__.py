"""Synthetic rain for whole clips: coupled by depth, coherent in time, blended as light, seen through a
camera and a codec.
"""

from __future__ import annotations

from vsrrg_training.rain.clip import RainyClip, draw_layer, let_fall, make_rainy
from vsrrg_training.rain.degrade import degrade
from vsrrg_training.rain.distractions import make_dry
from vsrrg_training.rain.layer import RainLayer
from vsrrg_training.rain.types import TYPES, RainType

__all__ = [
    "RAIN_TYPES",
    "TYPES",
    "RainLayer",
    "RainType",
    "RainyClip",
    "degrade",
    "draw_layer",
    "let_fall",
    "make_dry",
    "make_rainy",
]

RAIN_TYPES: tuple[str, ...] = tuple(TYPES)
