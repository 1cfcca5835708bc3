"""Measures that need no truth: remaining streaks, detail kept and flicker, judged by neighbouring frames.

All look at luma, in 8-bit codes, and only at *known* pixels: those where the aligned neighbours of a frame
of the input agree (`data/consensus.py`). With x the input, y the output, t the frame, p a known pixel, and
B(y) the median of the four nearest other frames of y, moved onto frame t as those of x lie:

    streaks = sum O(y - B(y) - 3)^2 / sum O(x - B(x) - 3)^2
    detail  = sum <grad y, grad B(x)> / sum <grad x, grad B(x)>               away from streaks of x
    flicker = root mean square of y - B(y)

O keeps what is positive and at least 7 px long: the greatest of seven openings by line segments, -45 to 45
degrees from the vertical. `vsrrg-train ttl --check-measures` compares them with the truth on synthetic rain.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from vsrrg.files import write_whole
from vsrrg.kernels.packing import pack
from vsrrg_training.config import SMALLEST_CROP, RecipeError
from vsrrg_training.data.consensus import NEIGHBOURS, Neighbourhood, consensus, neighbourhoods
from vsrrg_training.data.yuv import Planes, planes_from_rgb
from vsrrg_training.datasets.clips import Footage, read
from vsrrg_training.evaluation.contestants import VIDEO, Contestant
from vsrrg_training.evaluation.metric import Added, cells, labels, legend, measured
from vsrrg_training.evaluation.tables import grid

Codes = NDArray[np.float32]
"""(T, H, W) luma, 8-bit codes."""
Mask = NDArray[np.bool_]

MEASURES = ("streaks", "detail", "flicker")

_DIGITS = {"streaks": 2, "detail": 3, "flicker": 2}
_AGREEMENT = 8.0
"""Codes by which the neighbours of a known pixel may differ."""
_NOISE = 3.0
"""Codes of excess that are not yet a streak."""
_LENGTH = 7
_ANGLES = (-45, -30, -15, 0, 15, 30, 45)


@dataclass(frozen=True, eq=False)
class Observed:
    """What a rainy clip itself tells of its scene."""

    source: Codes
    near: Sequence[Neighbourhood]
    background: Codes
    """B(x)."""
    known: Mask
    streaks: Mask
    """Streaks of the source with a margin of 2 px."""


@dataclass(frozen=True)
class RealResult:
    """One contestant on one clip without truth."""

    contestant: str
    clip: str
    known: float
    """Share of the pixels that could be judged."""
    figures: dict[str, float]


def observe(clip: Sequence[Planes]) -> Observed:
    """Study a rainy clip of 8-bit 4:2:0 planes; up to 7 px are cut off right and below.

    Raises RecipeError for fewer than 5 frames, or too small ones.
    """
    if len(clip) <= NEIGHBOURS:
        raise RecipeError(
            "training-unfit-footage",
            f"a clip of {len(clip)} frames is too short to be judged without truth: give {NEIGHBOURS + 1} or "
            "more",
        )
    height, width = clip[0][0].shape
    if min(height, width) < SMALLEST_CROP:
        raise RecipeError(
            "training-unfit-footage",
            f"a clip of {width}x{height} is too small to be judged without truth: give {SMALLEST_CROP}x"
            f"{SMALLEST_CROP} or more",
        )
    packed = _packed(clip)
    near = neighbourhoods(packed)
    agreed = consensus(packed, near)
    source, background = _luma(packed), _luma(agreed.background)
    known = 219 * F.pixel_shuffle(agreed.spread, 2)[:, 0].numpy() < _AGREEMENT
    found = np.stack([streaks_of(frame) for frame in (source - background) * known]) > 0
    margin = np.ones((5, 5), np.uint8)
    wide = np.stack([cv2.dilate(frame.astype(np.uint8), margin) for frame in found]) > 0
    return Observed(source, near, background, known, wide)


def judge(observed: Observed, output: Sequence[Planes]) -> dict[str, float]:
    """The three measures of an output, MEASURES by name; streaks and detail of the input itself are 1.

    Those that nothing known tells are left out.
    """
    packed = _packed(output)
    result = _luma(packed)
    strayed = (result - _luma(consensus(packed, observed.near).background)) * observed.known
    before = (observed.source - observed.background) * observed.known
    figures = {
        "streaks": _ratio(_streak_energy(strayed), _streak_energy(before)),
        "detail": _ratio(_likeness(observed, result), _likeness(observed, observed.source)),
        "flicker": math.sqrt(
            _ratio(float(np.square(strayed).sum(dtype=np.float64)), float(observed.known.sum()))
        ),
    }
    return {name: value for name, value in figures.items() if not math.isnan(value)}


def streaks_of(excess: NDArray[np.float32]) -> NDArray[np.float32]:
    """What of an excess (H, W), in codes, is a streak: O in the module's formula."""
    above = np.maximum(excess - _NOISE, 0).astype(np.float32)
    opened = [cv2.morphologyEx(above, cv2.MORPH_OPEN, segment) for segment in _SEGMENTS]
    return np.asarray(np.max(opened, axis=0), np.float32)


def measure_real(
    contestants: Sequence[Contestant],
    clips: Mapping[str, Footage],
    *,
    frames: int = 24,
    crop: tuple[int, int] | None = None,
    added: Added = (),
    report: Callable[[str], None] | None = None,
) -> list[RealResult]:
    """Every contestant on the last `frames` frames of rainy clips.

    `crop` is (width, height), from the middle. Metrics that need no truth may be `added`. Raises RecipeError
    for clips that cannot be read or judged.
    """
    results = []
    for name, footage in clips.items():
        clip = last_frames(footage, frames, crop)
        observed = observe(clip)
        for contestant in contestants:
            output = contestant.derain(clip)
            lumas = [[planes[0] for planes in one] for one in (output, clip)]
            figures = judge(observed, output) | measured(added, f"clip {name}", *lumas)
            results.append(RealResult(contestant.name, name, float(observed.known.mean()), figures))
            if report:
                report(f"{name} {contestant.name}: " + describe(figures))
    return results


def last_frames(footage: Footage, frames: int, crop: tuple[int, int] | None) -> list[Planes]:
    """The last frames of a clip, their middle `crop` (width, height), without an odd row or column."""
    end = footage if isinstance(footage, Path) else footage[-frames:]
    clip = np.stack(list(deque(read(end), maxlen=frames)))
    height, width = (length // 2 * 2 for length in clip.shape[1:3])
    columns, rows = crop or (width, height)
    columns, rows = min(columns, width), min(rows, height)
    top, left = (height - rows) // 4 * 2, (width - columns) // 4 * 2
    clip = clip[:, top : top + rows, left : left + columns]
    return planes_from_rgb(torch.from_numpy(clip.copy()).permute(0, 3, 1, 2).float() / 255)


def real_table(results: Sequence[RealResult], added: Added = ()) -> str:
    """A row for each contestant and clip, and what the added metrics are (Markdown)."""
    header = ["clip", "", "known", "streaks left", "detail kept", "flicker, codes", *labels(added)]
    rows = []
    for result in results:
        f = result.figures
        own = [f"{f[name]:.{digits}f}" if name in f else "" for name, digits in _DIGITS.items()]
        rows.append([result.clip, result.contestant, f"{result.known:.0%}", *own, *cells(added, [f])])
    return "\n\n".join([grid(header, rows), *legend(added)]) + "\n"


def save_real(results: Sequence[RealResult], path: Path) -> None:
    """Write every result as JSON."""
    write_whole(path, json.dumps([asdict(result) for result in results], indent=1) + "\n", parents=True)


def describe(figures: dict[str, float]) -> str:
    """Figures as a line."""
    return "  ".join(f"{name} {value:.3f}" for name, value in figures.items())


def _packed(clip: Sequence[Planes]) -> torch.Tensor:
    """A clip as the network sees it, (T, 6, h, w), up to 7 px smaller."""
    height, width = (size // 8 * 8 for size in clip[0][0].shape)
    cut = [(y[:height, :width], *(c[: height // 2, : width // 2] for c in rest)) for y, *rest in clip]
    return torch.stack(
        [pack([torch.from_numpy(p.copy()) for p in planes], VIDEO.format, VIDEO.color) for planes in cut]
    )


def _luma(packed: torch.Tensor) -> Codes:
    return (16 + 219 * F.pixel_shuffle(packed[:, :4].float(), 2)[:, 0]).numpy()


def _streak_energy(excess: Codes) -> float:
    return float(sum(np.square(streaks_of(frame), dtype=np.float64).sum() for frame in excess))


def _likeness(observed: Observed, result: Codes) -> float:
    """How much of the background's gradients a picture holds; rain and noise cancel out in the mean."""
    quiet = observed.known & ~observed.streaks
    total = 0.0
    for axis in (1, 2):
        both = np.take(quiet, range(1, quiet.shape[axis]), axis) & np.take(
            quiet, range(quiet.shape[axis] - 1), axis
        )
        product = np.diff(result, axis=axis) * np.diff(observed.background, axis=axis)
        total += float((product * both).sum(dtype=np.float64))
    return total


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else math.nan


def _segment(angle: float) -> NDArray[np.uint8]:
    half = _LENGTH // 2
    kernel = np.zeros((_LENGTH, _LENGTH), np.uint8)
    dx, dy = half * math.sin(math.radians(angle)), half * math.cos(math.radians(angle))
    scale = half / max(abs(dx), abs(dy))  # as long in rows or columns as the vertical one
    x, y = round(dx * scale), round(dy * scale)
    cv2.line(kernel, (half - x, half - y), (half + x, half + y), 1)
    return kernel


_SEGMENTS = [_segment(angle) for angle in _ANGLES]
