"""What the painters of the demo scene share: light, colours, noise, lettering; metres and linear light."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
"""(H, W, 4): premultiplied linear RGB (emission may exceed 1) and coverage."""
Colour = tuple[float, float, float]

AMBIENT: Colour = (0.27, 0.32, 0.42)
LAMPLIGHT: Colour = (1.25, 0.78, 0.36)
LAMPS = ((-4.9, 17.0), (4.9, 25.0), (-4.9, 37.0), (4.9, 47.0), (-4.9, 60.0), (4.9, 72.0))
LEFT, RIGHT, KERB = -7.6, 7.6, 4.3
"""Where the houses stand and how far the kerbs lie from the middle of the road."""
EDGE = 8.4
"""Half the width of the painted ground; it reaches under the houses."""


def noise(
    rng: np.random.Generator, height: int, width: int, cell: float, octaves: int = 4
) -> NDArray[np.float32]:
    """Fractal noise (height, width) around 0, within about -1..1."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        step = max(cell / 2**octave, 1.0)
        knots = rng.random((int(height / step) + 2, int(width / step) + 2), dtype=np.float32) * 2 - 1
        total += cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(0.55**octave)
    return total


def rgb(colour: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float32]:
    """A colour as an array that multiplies pictures."""
    return np.asarray(colour, np.float32)


def letters(
    picture: Image, text: str, origin: tuple[int, int], size: float, colour: Colour, width: int
) -> None:
    """Write on a picture (H, W, 3), lower left corner at `origin`."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.putText(mask, text, origin, cv2.FONT_HERSHEY_DUPLEX, size, 255, width, cv2.LINE_AA)
    picture += (mask[..., None] / np.float32(255)) * (rgb(colour) - picture)


def opaque(colour: NDArray[np.float32]) -> Image:
    """Add full coverage to a picture (H, W, 3)."""
    return np.concatenate((colour, np.ones_like(colour[..., :1])), axis=-1).astype(np.float32)


def scaled(colour: Colour, factor: float) -> Colour:
    """A colour made brighter or darker."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor
