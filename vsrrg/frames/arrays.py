"""Numpy arrays: (height, width, 3) R'G'B', or (height, width) gray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vsrrg.errors import FormatError
from vsrrg.frames.kind import Kind, pixel_format
from vsrrg.video.color import ColorSpec
from vsrrg.video.frame import Frame

type Array = np.ndarray[Any, np.dtype[Any]]


def _accepts(item: object) -> bool:
    return isinstance(item, np.ndarray)


def _read(array: Array, device: object) -> Sequence[Frame]:
    if array.ndim == 3 and array.shape[2] == 3:
        planes = tuple(array[..., i] for i in range(3))
    elif array.ndim == 2:
        planes = (array,)
    else:
        raise FormatError(
            "frame-shape",
            f"numpy arrays must be (height, width, 3) RGB or (height, width) gray, but this one is "
            f"{array.shape}: transpose it, drop its alpha channel, or put its planes into a vsrrg.Frame",
        )
    fmt = pixel_format(len(planes), str(array.dtype), ARRAYS.name)
    return [Frame(planes, fmt, ColorSpec.guess(fmt, array.shape[1], array.shape[0], range="full"))]


def _write(array: Array, frames: Sequence[Frame]) -> Array:
    planes = frames[0].planes
    return np.stack(planes, -1) if array.ndim == 3 else np.array(planes[0])


ARRAYS = Kind("numpy arrays", _accepts, _read, _write)
