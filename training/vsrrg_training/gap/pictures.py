"""Figures of a single picture: its streaks and the statistics of its gradients."""

import math

import numpy as np
from numpy.typing import NDArray

from vsrrg_training.gap.ridges import Floats, Picture
from vsrrg_training.gap.statistics import BACKGROUNDS
from vsrrg_training.gap.streaks import Streaks, find_streaks

GRADIENT_STEPS = np.arange(-64.5, 65.5)
"""Edges of the classes of the histograms of differences, in codes; what lies beyond counts in the last."""

_DARK, _BRIGHT = 80, 120


def picture_figures(picture: Picture) -> dict[str, float]:
    """The figures of the families `streaks` and `gradients` of (H, W) luma; NaN where unknown."""
    streaks = find_streaks(picture)
    return streak_figures(streaks, picture.size) | gradient_figures(picture, streaks.angle)


def clip_figures(picture: Picture, rain: Picture, background: Picture) -> dict[str, float]:
    """The same of a clip's frame, whose streaks are those of its residual `rain` against the neighbours."""
    streaks = find_streaks(rain, background)
    return streak_figures(streaks, picture.size) | gradient_figures(picture, streaks.angle)


def streak_figures(streaks: Streaks, pixels: int) -> dict[str, float]:
    """The figures of the family `streaks`, of a picture of so many pixels."""
    dark, bright = streaks.background < _DARK, streaks.background >= _BRIGHT
    opacity, light = _blend(streaks)
    seen = not math.isnan(streaks.quantile(streaks.length, 0.5))
    return {
        "density": streaks.count / pixels * 1e6,
        "standing_out": streaks.standing_out,
        "tilt": abs(math.degrees(streaks.angle)) if seen else math.nan,
        # Half of a normal distribution lies within 0.6745 standard deviations.
        "spread": math.degrees(streaks.quantile(streaks.turn, 0.5)) / 0.6745,
        "length": streaks.quantile(streaks.length, 0.5),
        "length_p90": streaks.quantile(streaks.length, 0.9),
        "width": streaks.quantile(streaks.width, 0.5),
        "width_p90": streaks.quantile(streaks.width, 0.9),
        "contrast": streaks.quantile(streaks.contrast, 0.5),
        "contrast_p90": streaks.quantile(streaks.contrast, 0.9),
        "contrast_dark": streaks.quantile(np.where(dark, streaks.contrast, math.nan), 0.5),
        "contrast_bright": streaks.quantile(np.where(bright, streaks.contrast, math.nan), 0.5),
        "opacity": opacity,
        "light": light,
    }


def gradient_figures(picture: Picture, angle: float) -> dict[str, float]:
    """The figures of the family `gradients`, for streaks at `angle` (radians from the vertical)."""
    down, right = np.gradient(picture.astype(np.float64))
    sin, cos = math.sin(angle), math.cos(angle)
    across, along = right * cos - down * sin, right * sin + down * cos
    dx, dy = round(2 * cos), round(-2 * sin)
    beside = (np.roll(picture, (dy, dx), (0, 1)) + np.roll(picture, (-dy, -dx), (0, 1))) / 2
    return {
        "kurtosis_horizontal": _moment(np.diff(picture, axis=1), 4),
        "kurtosis_vertical": _moment(np.diff(picture, axis=0), 4),
        "anisotropy": float((across**2).sum() / max((along**2).sum(), 1e-9)),
        "bright_ridges": _moment((picture - beside)[2:-2, 2:-2], 3),
    }


def gradient_histogram(picture: Picture) -> Floats:
    """Shares (2, classes) of the horizontal and vertical differences by GRADIENT_STEPS."""
    rows = []
    for axis in (1, 0):
        steps = np.diff(picture, axis=axis).clip(GRADIENT_STEPS[0], GRADIENT_STEPS[-1])
        rows.append(np.histogram(steps, GRADIENT_STEPS)[0] / steps.size)
    return np.asarray(rows, np.float64)


def _blend(streaks: Streaks) -> tuple[float, float]:
    """Opacity and light: the line through the median contrast in each class of background."""
    points = []
    for middle in BACKGROUNDS:
        here = np.abs(streaks.background - middle) <= 25
        contrast = streaks.quantile(np.where(here, streaks.contrast, math.nan), 0.5)
        if math.isfinite(contrast):
            points.append((middle, contrast, math.sqrt(float(streaks.weight[here].sum()))))
    if len(points) < 2:
        return math.nan, math.nan
    background, contrast, trust = np.array(points).T
    slope, start = np.polyfit(background, contrast, 1, w=trust)
    return float(-slope), float(start / -slope) if slope < -0.01 else math.nan


def _moment(values: NDArray[np.floating], order: int) -> float:
    centred = values.astype(np.float64) - values.mean()
    spread = math.sqrt(float((centred**2).mean()))
    return float((centred**order).mean()) / spread**order if spread else math.nan
