"""The residual of a rainy clip: against its clean twin, or against what neighbouring frames tell of it."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import Pixels

Codes = NDArray[np.float32]
"""(T, H, W) luma of R'G'B', in 8-bit codes 0..255, or differences of it."""

_NEIGHBOURS = (-2, -1, 1, 2)
_AGREEMENT = 6.0


def luma_codes(clip: Pixels) -> Codes:
    """BT.709 luma (T, H, W) of (T, H, W, 3) R'G'B' uint8, or (H, W) of one picture."""
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
            "training-unfit-footage",
            f"a clip of {len(clip)} frames is too short to guess its background: give 5 or more",
        )
    rain, backgrounds, known = [], [], []
    for t in range(2, len(clip) - 2):
        stack = np.sort([shifted(clip[t + k], clip[t]) for k in _NEIGHBOURS], axis=0)
        background = (stack[1] + stack[2]) / 2
        agreed = (stack[2] - stack[1] < _AGREEMENT) & (stack[0] > background - 2 * _AGREEMENT)
        rain.append(np.where(agreed, clip[t] - background, 0))
        backgrounds.append(background)
        known.append(agreed)
    return Residual(np.stack(rain), np.stack(backgrounds), np.stack(known))


def against_median(clip: Codes) -> Residual:
    """Residual of a short clip against its own median over time, all frames shifted onto the middle one.

    Unlike `against_neighbours` it keeps rain that stays for some frames, so that times can be measured. Rain
    only brightens: pixels whose darker half scatters by more than 6 codes are left out, in all frames.
    """
    middle = clip[len(clip) // 2]
    moved = np.stack([frame if frame is middle else shifted(frame, middle) for frame in clip])
    ordered = np.sort(moved, axis=0)
    background = ordered[len(clip) // 2]
    steady = background - ordered[len(clip) // 8] < _AGREEMENT
    known = steady & np.isfinite(moved)
    rain = np.where(known, moved - background, 0)
    return Residual(rain, np.broadcast_to(background, clip.shape), known)


def shifted(frame: NDArray[np.float32], onto: NDArray[np.float32]) -> NDArray[np.float32]:
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
