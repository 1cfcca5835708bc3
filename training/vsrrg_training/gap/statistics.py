"""What rain adds to a clip, in figures that compare the generator, published clips and real footage."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import Pixels, decode_video, load_videos
from vsrrg_training.rain import RAIN_TYPES, degrade, make_rainy

Codes = NDArray[np.float32]
"""(T, H, W) luma of R'G'B', in 8-bit codes 0..255, or differences of it."""

BACKGROUNDS = (25, 75, 125, 175, 225)
"""Middles of the classes of background brightness, in codes."""

_VISIBLE = 10.0
_SHORTEST = 6
_NEIGHBOURS = (-2, -1, 1, 2)
_AGREEMENT = 6.0


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


def luma_codes(clip: Pixels) -> Codes:
    """BT.709 luma (T, H, W) of (T, H, W, 3) R'G'B' uint8."""
    return np.asarray(clip @ np.array((0.2126, 0.7152, 0.0722), np.float32), np.float32)


@dataclass(frozen=True, eq=False)
class Residual:
    """Rain apart from its scene."""

    rain: Codes
    """Rainy minus clean; 0 where unknown."""
    background: Codes
    """The clean clip."""
    known: NDArray[np.bool_]
    """(T, H, W): where both can be told."""


def exact(rainy: Codes, clean: Codes) -> Residual:
    """The residual of a clip with a clean twin."""
    return Residual(rainy - clean, clean, np.ones(clean.shape, np.bool_))


def against_neighbours(clip: Codes) -> Residual:
    """Residual of a clip without a clean twin, its background the median of two frames before and two after.

    The neighbours are shifted onto the frame first, and pixels on which they disagree are left out: sound
    only where the camera hardly moves and most of the scene stands still. Two frames at each end are lost.
    Raises RecipeError for clips of fewer than 5 frames.
    """
    if len(clip) < 5:
        raise RecipeError(
            f"a clip of {len(clip)} frames is too short to guess its background: give 5 or more"
        )
    rain, backgrounds, known = [], [], []
    for t in range(2, len(clip) - 2):
        stack = np.sort([_shifted(clip[t + k], clip[t]) for k in _NEIGHBOURS], axis=0)
        background = (stack[1] + stack[2]) / 2
        agreed = (stack[2] - stack[1] < _AGREEMENT) & (stack[0] > background - 2 * _AGREEMENT)
        rain.append(np.where(agreed, clip[t] - background, 0))
        backgrounds.append(background)
        known.append(agreed)
    return Residual(np.stack(rain), np.stack(backgrounds), np.stack(known))


def _shifted(frame: NDArray[np.float32], onto: NDArray[np.float32]) -> NDArray[np.float32]:
    """`frame` moved by the global shift that makes it match `onto`; NaN where nothing is known."""
    height, width = frame.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    # Given the window, phaseCorrelate would apply it to the frames themselves.
    (x, y), _ = cv2.phaseCorrelate(onto * window, frame * window)
    matrix = np.array([[1, 0, x], [0, 1, y]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(frame, matrix, (width, height), flags=flags, borderValue=math.nan)
    # Without texture the shift found is an accident of the noise.
    helps = np.nanmean(np.abs(moved - onto)) < 0.95 * np.abs(frame - onto).mean()
    return np.asarray(moved, np.float32) if helps else frame


def measure(residual: Residual) -> RainStatistics:
    """The statistics of one clip."""
    rain, known = residual.rain, residual.known
    values = rain[known]
    if not values.size:
        raise RecipeError(
            "no pixel of the clip stands still, so its background is unknown: take another clip"
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


def generated(
    videos: Path,
    *,
    seeds: int,
    frames: int,
    held: bool = False,
    types: Iterable[str] = RAIN_TYPES,
    cache: Path | None = None,
) -> dict[str, list[RainStatistics]]:
    """Every seed's statistics for each rain type, on the clean clips of a folder in turn.

    The residual is exact, unless `held`: then one frame stands still under the rain, the camera's noise and
    compression come on top, and the background is guessed as in `against_neighbours`.
    """
    clips = load_videos(videos, cache)
    found: dict[str, list[RainStatistics]] = {}
    for kind in types:
        found[kind] = []
        for seed in range(seeds):
            source = clips[seed % len(clips)].frames
            start = max(0, (len(source) - frames) // 2)
            pictures = np.array(source[start : start + frames])
            if held:
                pictures = np.repeat(pictures[:1], frames, axis=0)
            clean = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
            generator = torch.Generator().manual_seed(seed)
            pair = make_rainy(clean, kind, generator)
            rainy, twin = degrade(pair.rainy, pair.clean, generator) if held else (pair.rainy, pair.clean)
            wet, dry = luma_codes(_pixels(rainy)), luma_codes(_pixels(twin))
            found[kind].append(measure(against_neighbours(wet) if held else exact(wet, dry)))
    return found


def filmed(clip: Path, frames: int) -> RainStatistics:
    """The statistics of rain in footage without a clean twin, from its first frames."""
    return measure(against_neighbours(luma_codes(decode_video(clip, frames))))


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


def report(
    exactly: Mapping[str, Sequence[RainStatistics]], guessed: Mapping[str, Sequence[RainStatistics]]
) -> str:
    """The generator beside NTURain; where asked for, filmed clips beside the generator on held frames."""
    known = {name: average(clips) for name, clips in exactly.items()}
    text = f"### Residual against the clean clip\n\n{markdown({'NTURain': NTURAIN, **known})}"
    if guessed:
        rows = markdown({name: average(clips) for name, clips in guessed.items()})
        text += f"\n### Residual against the neighbouring frames\n\n{rows}"
    return text


def save_json(clips: Mapping[str, Sequence[RainStatistics]], path: Path) -> None:
    """Write every clip's figures; unknown ones become null."""
    plain = {name: [_nulls(asdict(clip)) for clip in group] for name, group in clips.items()}
    path.write_text(json.dumps(plain, indent=1, allow_nan=False) + "\n")


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


def _pixels(clip: torch.Tensor) -> Pixels:
    return np.asarray((clip * 255).round().byte().permute(0, 2, 3, 1).numpy(), np.uint8)


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


def _nulls(figures: dict[str, object]) -> dict[str, object]:
    def known(value: object) -> object:
        return None if isinstance(value, float) and math.isnan(value) else value

    return {
        key: [known(item) for item in value] if isinstance(value, tuple) else known(value)
        for key, value in figures.items()
    }


def _text(value: float | tuple[float, ...], pattern: str) -> str:
    if isinstance(value, tuple):
        return "/".join(_text(part, pattern) for part in value)
    return "" if math.isnan(value) else pattern.format(value)
