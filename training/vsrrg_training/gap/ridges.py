"""Bright thin ridges of a single picture, found and followed along a direction."""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

Picture = NDArray[np.float32]
"""(H, W) luma of R'G'B', in 8-bit codes 0..255, or differences of it."""
Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

FAINTEST = 4.0
"""Contrast in codes from which a ridge counts."""
SHORTEST = 6.0
"""Length in pixels from which a ridge is a streak."""
DIRECTIONS = tuple(math.radians(k * 11.25) for k in range(-8, 8))
"""Angles from the vertical that are told apart; positive where a ridge runs down to the right."""

_ALONG, _CORE, _FLANK, _REACH = 3.0, 0.7, 2.2, 6
_WINDOW = math.radians(16)


@dataclass(frozen=True, eq=False)
class Ridges:
    """Ridge pixels of a picture: vectors of equal length."""

    y: Indices
    x: Indices
    angle: Floats
    """Direction from the vertical in radians, one of DIRECTIONS."""
    offset: Floats
    """Where the ridge's top lies beside the pixel, across that direction, -0.5..0.5 pixels."""
    strength: Floats
    """Contrast in codes."""
    shape: tuple[int, int]
    """Height and width of the picture."""


def find_ridges(picture: Picture) -> Ridges:
    """Every ridge of a picture.

    Filters, long along and narrow across, give each pixel a contrast and a direction: those of the filter
    that answers most. Ridge pixels are the maxima of the contrast across that direction.
    """
    strength = np.full(picture.shape, -math.inf, np.float32)
    best = np.zeros(picture.shape, np.int64)
    for k, angle in enumerate(DIRECTIONS):
        answer = cv2.filter2D(picture, cv2.CV_32F, _kernel(angle), borderType=cv2.BORDER_REFLECT_101)
        best[answer > strength] = k
        np.maximum(strength, answer, out=strength)
    y, x = np.nonzero(strength > FAINTEST / 2)
    angles, value = np.array(DIRECTIONS)[best[y, x]], strength[y, x]
    left, right = (sample(strength, y - side * np.sin(angles), x + side * np.cos(angles)) for side in (-1, 1))
    keep = (value >= left) & (value >= right)
    bend = np.maximum(2 * value - left - right, 1e-6)
    offset = ((right - left) / (2 * bend)).clip(-0.5, 0.5)
    height, width = picture.shape
    return Ridges(
        y=y[keep],
        x=x[keep],
        angle=angles[keep],
        offset=offset[keep].astype(np.float64),
        strength=value[keep].astype(np.float64),
        shape=(height, width),
    )


def follow(ridges: Ridges, angle: float) -> tuple[Indices, Indices, int]:
    """Ridge pixels of a direction, as indices; the streak 0.. that each belongs to; the number of streaks.

    Pixels that touch are a streak, as far as they hold half of its greatest contrast.
    """
    off = np.abs((ridges.angle - angle + math.pi / 2) % math.pi - math.pi / 2)
    index = np.flatnonzero(off < _WINDOW)
    y, x = ridges.y[index], ridges.x[index]
    mask = np.zeros(ridges.shape, np.uint8)
    mask[y, x] = 1
    # A pixel missing from a ridge does not end it.
    line = np.zeros((5, 5), np.uint8)
    for k in (-2, -1, 0, 1, 2):
        line[2 + round(k * math.cos(angle)), 2 + round(k * math.sin(angle))] = 1
    labels = cv2.connectedComponents(cv2.dilate(mask, line), connectivity=8)[1][y, x].astype(np.int64)
    strength = ridges.strength[index]
    peak = np.zeros(int(labels.max(initial=0)) + 1)
    np.maximum.at(peak, labels, strength)
    keep = (strength >= peak[labels] / 2) & (peak[labels] >= FAINTEST)
    names, owner = np.unique(labels[keep], return_inverse=True)
    return index[keep], np.asarray(owner, np.int64), len(names)


def extents(values: Floats, owner: Indices, count: int) -> Floats:
    """Greatest minus least value of each owner, plus 1: how many pixels it spans."""
    low, high = np.full(count, math.inf), np.full(count, -math.inf)
    np.minimum.at(low, owner, values)
    np.maximum.at(high, owner, values)
    return np.asarray(high - low + 1, np.float64)


def count_streaks(ridges: Ridges, angle: float) -> int:
    """Number of streaks of a direction."""
    index, owner, count = follow(ridges, angle)
    along = ridges.x[index] * math.sin(angle) + ridges.y[index] * math.cos(angle)
    return int((extents(along, owner, count) >= SHORTEST).sum())


def sample(picture: Picture, y: Floats, x: Floats) -> Picture:
    """The picture between its pixels, linearly, continued by its edge."""
    return np.asarray(map_coordinates(picture, np.stack((y, x)), order=1, mode="nearest"), np.float32)


@cache
def _kernel(angle: float) -> Picture:
    """A line's mean minus that of both sides: a narrow ridge's contrast, in the picture's own unit."""
    y, x = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1].astype(float)
    along, across = x * math.sin(angle) + y * math.cos(angle), x * math.cos(angle) - y * math.sin(angle)
    run, core = np.exp(-(along**2) / (2 * _ALONG**2)), np.exp(-(across**2) / (2 * _CORE**2))
    flank = run * np.exp(-(across**2) / (2 * _FLANK**2)) * (1 - core)
    return np.asarray(run * core / (run * core).sum() - flank / flank.sum(), np.float32)
