"""Streaks of a single picture, measured without any truth: those of one direction less those of others."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from vsrrg_training.gap.ridges import (
    DIRECTIONS,
    FAINTEST,
    SHORTEST,
    Floats,
    Picture,
    Ridges,
    count_streaks,
    extents,
    find_ridges,
    follow,
    sample,
)

_STEEPEST = math.radians(75)
_ELSEWHERE = (3, 5, 8, 11, 13)
_COARSE, _WIDE, _PROFILE = 3, 4.5, 6
_STRAIGHT = 8.0
_FEWEST, _SHARE = 12, 0.25


@dataclass(frozen=True, eq=False)
class Streaks:
    """Streaks of one picture along its dominant direction, and what the scene has in others: clutter.

    Vectors of equal length. Clutter has a negative weight, so that sums over all are those of the rain.
    """

    angle: float
    """Dominant direction from the vertical in radians, positive where streaks run down to the right."""
    weight: Floats
    """1 along the dominant direction, -1 / (number of the other directions) elsewhere."""
    length: Floats
    """Extent along the streak in pixels, as far as it holds half of its contrast."""
    width: Floats
    """Full width at half maximum across the streak in pixels."""
    turn: Floats
    """Absolute angle against the direction in radians; NaN for those shorter than 8 pixels."""
    contrast: Floats
    """Ridge minus its surroundings in codes."""
    background: Floats
    """The surroundings in codes."""

    @property
    def count(self) -> float:
        """Number of streaks beyond the clutter; can fall below zero where there is no rain."""
        return float(self.weight.sum())

    @property
    def standing_out(self) -> float:
        """Share of the ridges of the dominant direction that clutter does not explain."""
        return self.count / max(float((self.weight > 0).sum()), 1.0)

    def quantile(self, values: Floats, q: float) -> float:
        """Quantile of the rain's `values`, NaN where the rain does not stand out from the clutter."""
        known = np.isfinite(values)
        weight = self.weight[known]
        if weight.sum() < max(_FEWEST, _SHARE * float((weight > 0).sum())):
            return math.nan
        order = np.argsort(values[known], kind="stable")
        share = np.maximum.accumulate(np.cumsum(weight[order])) / weight.sum()
        return float(values[known][order][min(int(np.searchsorted(share, q)), len(order) - 1)])


def find_streaks(picture: Picture, background: Picture | None = None) -> Streaks:
    """The streaks of a picture of at least 32x32 pixels.

    The dominant direction is the one, up to 75 degrees from the vertical, with most streaks, so that a
    building's long line counts once; ridges of five directions at least 33 degrees off tell the clutter.
    Streaks wider than 4.5 pixels are found in a picture a third of the size. `background` replaces the
    surroundings, where the clean picture is known and `picture` is the rain alone.
    """
    height, width = picture.shape
    size = width // _COARSE, height // _COARSE
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    fine, coarse = find_ridges(picture), find_ridges(small)
    counts = [count_streaks(fine, angle) + count_streaks(coarse, angle) for angle in DIRECTIONS]
    best = int(np.argmax(np.where(np.abs(DIRECTIONS) <= _STEEPEST, counts, -1)))
    parts, dominant = [], DIRECTIONS[best]
    for step in (0, *_ELSEWHERE):
        direction = DIRECTIONS[(best + step) % len(DIRECTIONS)]
        narrow, wide = _measure(picture, fine, direction, 1), _measure(small, coarse, direction, _COARSE)
        rows = np.concatenate((narrow[:, narrow[1] < _WIDE], wide[:, wide[1] >= _WIDE]), axis=1)
        if not step and np.isfinite(rows[2]).sum() >= 5:
            centre = float(np.nanmedian(rows[2]))
            rows[2] -= centre
            dominant += centre
        weight = np.full((1, rows.shape[1]), -1 / len(_ELSEWHERE) if step else 1.0)
        parts.append(np.concatenate((weight, rows)))
    weight, length, breadth, turn, contrast, surroundings, x, y = np.concatenate(parts, axis=1)
    if background is not None:
        row, column = (v.round().astype(int).clip(0, n - 1) for v, n in ((y, height), (x, width)))
        surroundings = background[row, column].astype(np.float64)
    return Streaks(dominant, weight, length, breadth, np.abs(turn), contrast, surroundings)


def _measure(picture: Picture, ridges: Ridges, angle: float, scale: int) -> Floats:
    """Rows length, width, turn, contrast, background, x, y of the streaks, in pixels of the whole picture."""
    index, owner, count = follow(ridges, angle)
    sin, cos = math.sin(angle), math.cos(angle)
    y = ridges.y[index] - ridges.offset[index] * np.sin(ridges.angle[index])
    x = ridges.x[index] + ridges.offset[index] * np.cos(ridges.angle[index])
    along, across = x * sin + y * cos, x * cos - y * sin
    length = extents(along, owner, count) * scale
    size = np.bincount(owner, minlength=count)

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(owner, values, count) / size)

    a, b = along - mean(along)[owner], across - mean(across)[owner]
    turn = np.where(length >= _STRAIGHT, np.arctan2(mean(a * b), mean(a * a) + 1e-9), math.nan)
    offsets = np.arange(-2 * _PROFILE, 2 * _PROFILE + 1) / 2
    profiles = np.stack([mean(sample(picture, y - d * sin, x + d * cos).astype(float)) for d in offsets])
    width, contrast, base = _cross_section(profiles)
    kept = (length >= SHORTEST) & (contrast >= FAINTEST)
    rows = np.stack((length, width / 2 * scale, turn, contrast, base, mean(x) * scale, mean(y) * scale))
    return np.asarray(rows[:, kept])


def _cross_section(profiles: Floats) -> tuple[Floats, Floats, Floats]:
    """Width at half maximum (in steps), contrast and base of profiles (steps, streaks) about their middle."""
    middle = len(profiles) // 2
    top = profiles[middle - 1 : middle + 2].max(0)
    base = (profiles[:middle].min(0) + profiles[middle + 1 :].min(0)) / 2
    contrast = top - base
    half = base + contrast / 2
    columns = np.arange(profiles.shape[1])
    width = np.zeros(profiles.shape[1])
    for side in (profiles[middle::-1], profiles[middle:]):
        below = side < half
        first = np.where(below.any(0), below.argmax(0), len(side) - 1).clip(1)
        inner, outer = side[first - 1, columns], side[first, columns]
        width += first - 1 + ((inner - half) / np.maximum(inner - outer, 1e-6)).clip(0, 1)
    return width, contrast, base
