"""What a kind of frames must be able to do to be derained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vsrrg.errors import FormatError
from vsrrg.video.format import PixelFormat, Sample
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    import torch

_SAMPLES: dict[str, tuple[int, Sample]] = {
    "uint8": (8, "integer"),
    "uint16": (16, "integer"),
    "float16": (16, "float"),
    "float32": (32, "float"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of objects that hold a frame, or several."""

    name: str
    """For messages, in the plural: "numpy arrays"."""
    accepts: Callable[[object], bool]
    """Says cheaply, without importing anything, whether an object is of this kind."""
    read: Callable[[Any, torch.device | None], Sequence[Frame]]
    """The frames of an object: their memory is its own. Tensors on the device that is given, if any, become a
    `DeviceFrame`, others come to main memory. Raises FormatError for what cannot be derained.
    """
    write: Callable[[Any, Sequence[Frame]], Any]
    """A new object like the one that was read, with these frames for its own."""


def pixel_format(channels: int, dtype: str, kind: str) -> PixelFormat:
    """RGB or gray, of all the values that a dtype holds; FormatError for other dtypes."""
    if dtype not in _SAMPLES:
        raise FormatError(
            "sample-type",
            f"{kind} must hold uint8 (0..255), uint16 (0..65535), float16 or float32 (0..1), not {dtype}: "
            "convert them first",
        )
    bits, sample = _SAMPLES[dtype]
    return PixelFormat("rgb" if channels == 3 else "gray", bits, sample)
