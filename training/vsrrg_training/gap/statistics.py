"""What rain adds to a clip, in figures that compare the generator, published clips and real footage."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from vsrrg_training.config import RecipeError
from vsrrg_training.gap.residual import Codes, Residual

BACKGROUNDS = (25, 75, 125, 175, 225)
"""Middles of the classes of background brightness, in codes."""

_VISIBLE = 10.0
_SHORTEST = 6


@dataclass(frozen=True, kw_only=True)
class RainStatistics:
    """The residual, rainy minus clean, of a clip or the means over several; NaN where a clip cannot tell."""

    known: float
    """Share of the pixels whose background is known; the other figures are about these."""
    changed: float
    """Share of pixels that differ by more than 10 codes."""
    mean: float
    """Mean residual in codes."""
    p99: float
    """99th percentile of the residual in codes."""
    maximum: float
    """Largest residual in codes."""
    darker: float
    """Share of pixels darker by more than 10 codes."""
    streaks: float
    """Connected streaks at least 6 pixels long, per frame and megapixel; in dense rain they merge."""
    length: float
    """Median length of these streaks (diagonal of the bounding box) in pixels."""
    length_p90: float
    """Length that 90 % of the streaks do not exceed."""
    angle: float
    """Absolute angle of the common direction from the vertical in degrees."""
    beside: float
    """Mean cross-section one pixel off the ridge, relative to the ridge."""
    two_away: float
    """Mean cross-section two pixels off the ridge."""
    brightness: tuple[float, ...]
    """Mean residual where it exceeds 10 codes, by BACKGROUNDS."""
    persistence: float
    """Share of the pixels brighter by more than 10 codes that are so again in the next frame."""
    chance: float
    """What persistence would be if frames had nothing to do with each other."""


NTURAIN = RainStatistics(
    known=1,
    changed=0.07,
    mean=2.2,
    p99=46,
    maximum=200,
    darker=0.004,
    streaks=1100,
    length=18,
    length_p90=35,
    angle=math.nan,
    beside=0.29,
    two_away=0.04,
    brightness=(33, 26, 24, 16, 13),
    persistence=math.nan,
    chance=math.nan,
)
"""Measured on published pairs of NTURain, 640x480 (the height of the streaks stands for their length)."""


def measure(residual: Residual) -> RainStatistics:
    """The statistics of one clip."""
    rain, known = residual.rain, residual.known
    values = rain[known]
    if not values.size:
        raise RecipeError(
            "training-unfit-footage",
            "no pixel of the clip stands still, so its background is unknown: take another clip",
        )
    bright = rain > _VISIBLE
    angle = _direction(rain)
    boxes = np.concatenate([_streaks(mask) for mask in bright])
    lengths = np.hypot(boxes[:, 0], boxes[:, 1])
    beside, two_away = _cross_section(rain, angle)
    classes = [bright & (np.abs(residual.background - middle) <= 25) for middle in BACKGROUNDS]
    both = known[1:] & known[:-1]
    before, again = (bright[:-1] & both).sum(), (bright[1:] & bright[:-1]).sum()
    return RainStatistics(
        known=float(known.mean()),
        changed=float(np.mean(np.abs(values) > _VISIBLE)),
        mean=float(values.mean()),
        p99=float(np.quantile(values, 0.99)),
        maximum=float(values.max()),
        darker=float(np.mean(values < -_VISIBLE)),
        streaks=len(boxes) / values.size * 1e6,
        length=float(np.median(lengths)) if len(lengths) else math.nan,
        length_p90=float(np.quantile(lengths, 0.9)) if len(lengths) else math.nan,
        angle=abs(math.degrees(angle)),
        beside=beside,
        two_away=two_away,
        brightness=tuple(float(rain[here].mean()) if here.sum() > 50 else math.nan for here in classes),
        persistence=float(again / before) if before else math.nan,
        chance=float(bright.sum() / values.size),
    )


def average(clips: Sequence[RainStatistics]) -> RainStatistics:
    """Means over clips, each figure over those that have it."""
    rows = np.array([_flat(clip) for clip in clips], float)
    known = ~np.isnan(rows)
    sums = np.where(known, rows, 0).sum(0) / known.sum(0).clip(1)
    return _unflat(
        [float(x) if any_known else math.nan for x, any_known in zip(sums, known.any(0), strict=True)]
    )


_COLUMNS = (
    ("known", "known", "{:.0%}"),
    ("changed", "changed", "{:.1%}"),
    ("mean", "mean", "{:+.1f}"),
    ("p99", "p99", "{:.0f}"),
    ("max", "maximum", "{:.0f}"),
    ("darker", "darker", "{:.1%}"),
    ("streaks/Mpx", "streaks", "{:.0f}"),
    ("length", "length", "{:.0f}"),
    ("90 %", "length_p90", "{:.0f}"),
    ("angle", "angle", "{:.0f}"),
    ("beside", "beside", "{:.2f}"),
    ("two away", "two_away", "{:.2f}"),
    (f"brightness at {'/'.join(map(str, BACKGROUNDS))}", "brightness", "{:.0f}"),
    ("again", "persistence", "{:.0%}"),
    ("by chance", "chance", "{:.0%}"),
)


def markdown(rows: Mapping[str, RainStatistics]) -> str:
    """One line for each named rain."""
    lines = [["", *(title for title, _, _ in _COLUMNS)], ["---"] * (1 + len(_COLUMNS))]
    for name, figures in rows.items():
        lines.append([name, *(_text(getattr(figures, field), pattern) for _, field, pattern in _COLUMNS)])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _direction(rain: Codes) -> float:
    """Angle from the vertical in radians along which the residual changes least (structure tensor)."""
    xx = xy = yy = 0.0
    for frame in rain:
        smooth = cv2.GaussianBlur(frame, (0, 0), 1.5)
        down, across = np.gradient(smooth)
        xx, xy, yy = (
            xx + float((across**2).sum()),
            xy + float((across * down).sum()),
            yy + float((down**2).sum()),
        )
    along = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))[1][:, 0]
    return math.atan(along[0] / along[1]) if along[1] else math.pi / 2


def _streaks(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Widths and heights of the connected streaks of one frame."""
    boxes = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)[2][1:]
    sizes = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return np.asarray(sizes[sizes.max(1) >= _SHORTEST], np.int32)


def _cross_section(rain: Codes, angle: float) -> tuple[float, float]:
    """Mean residual one and two pixels beside the streaks' ridges, relative to the ridges."""
    ridge_sum, sums = 0.0, {1: 0.0, 2: 0.0}
    height, width = rain.shape[1:]
    for frame in rain:
        moved = {}
        for k in (-2, -1, 1, 2):
            shift = np.array([[1, 0, k * math.cos(angle)], [0, 1, -k * math.sin(angle)]])
            moved[k] = cv2.warpAffine(
                frame,
                shift,
                (width, height),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT_101,
            )
        ridge = (frame > 1.5 * _VISIBLE) & (frame >= moved[-1]) & (frame >= moved[1])
        ridge_sum += float(frame[ridge].sum())
        for k in sums:
            sums[k] += float(moved[-k][ridge].sum() + moved[k][ridge].sum()) / 2
    if not ridge_sum:
        return math.nan, math.nan
    return sums[1] / ridge_sum, sums[2] / ridge_sum


def _flat(clip: RainStatistics) -> list[float]:
    values: list[float] = []
    for field in fields(clip):
        value = getattr(clip, field.name)
        values += value if isinstance(value, tuple) else [value]
    return values


def _unflat(values: Sequence[float]) -> RainStatistics:
    names = [field.name for field in fields(RainStatistics)]
    at = names.index("brightness")
    bins = len(BACKGROUNDS)
    plain = dict(zip(names[:at] + names[at + 1 :], [*values[:at], *values[at + bins :]], strict=True))
    return RainStatistics(brightness=tuple(values[at : at + bins]), **plain)


def _text(value: float | tuple[float, ...], pattern: str) -> str:
    if isinstance(value, tuple):
        return "/".join(_text(part, pattern) for part in value)
    return "" if math.isnan(value) else pattern.format(value)
