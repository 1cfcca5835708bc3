"""What it means for derained frames to be those that were expected, with figures where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vsrrg.testing.promises import broken
from vsrrg.video import Frame, PixelFormat

Samples = np.ndarray[Any, np.dtype[Any]]


def same_bits(frames: Sequence[Frame], expected: Sequence[Frame]) -> bool:
    """Whether all samples agree in every bit."""
    return all(
        not _wrong(plane, samples, None).any()
        for frame, wanted in zip(frames, expected, strict=True)
        for plane, samples in zip(frame.planes, wanted.planes, strict=True)
    )


def require_same_bits(frames: Sequence[Frame], expected: Sequence[Frame], what: str) -> None:
    """Breaks the promise unless all frames agree in every bit, and in what is not pixels."""
    _require(frames, expected, what, None)


def require_near(frames: Sequence[Frame], expected: Sequence[Frame], what: str, tolerance: float) -> None:
    """Breaks the promise where samples are farther apart than the tolerance, in code values of 8 bits, or
    where frames differ in what is not pixels.
    """
    _require(frames, expected, what, tolerance)


def codes_of(fmt: PixelFormat) -> float:
    """What a code value of 8 bits is in the samples of a format."""
    return fmt.peak / 255


def _require(frames: Sequence[Frame], expected: Sequence[Frame], what: str, tolerance: float | None) -> None:
    if len(frames) != len(expected):
        broken(f"{what}: {len(frames)} frames came out instead of {len(expected)}")
    for n, (frame, wanted) in enumerate(zip(frames, expected, strict=True)):
        if (got := _described(frame)) != (want := _described(wanted)):
            broken(f"{what}: frame {n} is {got} instead of {want}")
        for i, (plane, samples) in enumerate(zip(frame.planes, wanted.planes, strict=True)):
            wrong = _wrong(plane, samples, None if tolerance is None else tolerance * codes_of(frame.format))
            if wrong.any():
                limit = "" if tolerance is None else f" by more than {tolerance:g} code values of 8 bits"
                broken(f"{what}: frame {n} differs{limit}: {_figures(plane, samples, wrong, i)}")


def _described(frame: Frame) -> str:
    color = frame.color
    return (
        f"{frame.width}x{frame.height} {frame.format.name} ({color.matrix}, {color.range}), "
        f"pts {frame.pts}, cut {frame.cut}"
    )


def _wrong(plane: Samples, samples: Samples, allowed: float | None) -> Samples:
    """Where samples are not as they should be."""
    if allowed is None:
        bits = f"u{plane.itemsize}"
        different: Samples = np.ascontiguousarray(plane).view(bits) != np.ascontiguousarray(samples).view(
            bits
        )
        return different
    far: Samples = ~(np.abs(plane.astype(np.float64) - samples.astype(np.float64)) <= allowed)
    return far


def _figures(plane: Samples, samples: Samples, wrong: Samples, i: int) -> str:
    off = np.abs(plane.astype(np.float64) - samples.astype(np.float64))
    row, column = (int(k) for k in np.unravel_index(np.argmax(np.where(wrong, off, -1)), off.shape))
    return (
        f"{int(wrong.sum())} of {wrong.size} samples of plane {i}, most at row {row}, column {column}: "
        f"{plane[row, column]} instead of {samples[row, column]}"
    )
