"""Figures whose values are known by construction."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
import pytest

from vsrrg.compare.figures import PSNR_CAP, Meter, figures
from vsrrg.compare.moments import Moment


def frame(luma: np.ndarray | int) -> av.VideoFrame:
    plane = np.full((48, 64), luma, np.uint8) if isinstance(luma, int) else luma.astype(np.uint8)
    made = av.VideoFrame.from_ndarray(plane, format="gray")
    made.color_range = 1  # Limited, so that samples are codes.
    return made


def scene(shift: int = 0) -> np.ndarray:
    """Patches of 8x8 pixels, moved sideways."""
    patches = np.random.default_rng(1).integers(60, 160, (6, 12)).repeat(8, 0).repeat(8, 1)
    return patches[:, 10 + shift : 74 + shift]


def measured(
    rainy: Sequence[np.ndarray | int],
    derained: Sequence[np.ndarray | int],
    reference: Sequence[np.ndarray | int] | None = None,
) -> tuple[dict[str, dict[str, list[float | None]]], list[int]]:
    meter = Meter(reference is not None)
    for n, (x, y) in enumerate(zip(rainy, derained, strict=True)):
        true = None if reference is None else frame(reference[n])
        meter.add(Moment(Fraction(n, 25), frame(x), frame(y), true))
    return meter.finish()


def test_rain_energy_is_the_root_mean_square_of_what_was_removed() -> None:
    wet = scene().copy()
    wet[:12] += 40  # a quarter of the rows
    series, _ = measured([scene() + 7, wet, scene()], [scene(), scene(), scene()])
    assert series["rain"]["removed"] == [7, 20, 0]


def test_flicker_is_what_a_frame_has_for_itself() -> None:
    """A flash of 30 on a quarter of the pixels counts 15 in its frame, and nothing beside it."""
    flash = scene().copy()
    flash[:12] += 30
    dark = scene().copy()
    dark[:12] -= 10
    rainy = [scene(), scene(), flash, scene(), dark, scene(), scene()]
    series, cuts = measured(rainy, [scene()] * 7)
    assert series["flicker"] == {
        "rainy": [None, 0, 15, 0, 5, 0, None],
        "derained": [None, 0, 0, 0, 0, 0, None],
    }
    assert cuts == []


def test_edges_in_motion_do_not_flicker() -> None:
    """Nor does light that changes in one direction; but a line as thin as it is fast does."""
    moving = [scene(2 * n) for n in range(5)]
    line = [np.where(np.arange(64) // 2 == 10 + n, scene() + 90, scene()) for n in range(5)]
    series, _ = measured(moving, [scene() + 3 * n for n in range(5)])
    assert series["flicker"] == {"rainy": [None, 0, 0, 0, None], "derained": [None, 0, 0, 0, None]}
    thin, _ = measured(line, line)
    assert thin["flicker"]["rainy"][2] == pytest.approx(90 * np.sqrt(2 / 64), abs=1e-4)


def test_no_flicker_across_a_cut() -> None:
    other = np.random.default_rng(3).integers(16, 236, (48, 64)).repeat(8, 0).repeat(8, 1)[:48, :64]
    shots = [scene(), scene(), scene(), other, other, other]
    series, cuts = measured(shots, shots)
    assert cuts == [3]
    assert series["flicker"]["rainy"] == [None, 0, None, None, 0, None]


def test_psnr_and_ssim_against_the_reference() -> None:
    noisy = scene() + 10 * (-1) ** np.indices((48, 64)).sum(0)
    series, _ = measured([scene() + 5, noisy], [scene(), scene()], [scene(), scene()])
    assert series["psnr"]["derained"] == [PSNR_CAP, PSNR_CAP]
    assert series["psnr"]["rainy"] == pytest.approx(
        [20 * np.log10(255 / 5), 20 * np.log10(255 / 10)], abs=1e-4
    )
    assert series["ssim"]["derained"] == [1, 1]
    brighter, noise = series["ssim"]["rainy"]
    assert 0.97 < brighter < 1 and noise < 0.9


def test_without_a_reference_there_are_two_figures() -> None:
    assert [one.key for one in figures(False)] == ["rain", "flicker"]
    assert set(measured([scene()], [scene()])[0]) == {"rain", "flicker"}
