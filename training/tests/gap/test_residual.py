"""The residual of a clip, with a clean twin and without."""

import numpy as np
import pytest

from vsrrg_training.config import RecipeError
from vsrrg_training.gap.residual import against_median, against_neighbours, exact
from vsrrg_training.gap.statistics import measure

from .conftest import Dashes

TEXTURE = np.kron(np.random.default_rng(3).uniform(-9, 9, (16, 16)), np.ones((6, 8))).astype(np.float32)
"""Something to align frames by."""


def test_neighbours_stand_in_for_the_clean_twin(dashes: Dashes) -> None:
    rainy, clean = (clip + TEXTURE for clip in dashes(9))
    noisy = rainy + np.random.default_rng(1).normal(0, 1, rainy.shape).astype(np.float32)
    guess = against_neighbours(noisy)
    truth = exact(rainy[2:-2], clean[2:-2])
    assert guess.known.mean() > 0.95
    assert np.abs(guess.rain - truth.rain)[guess.known].mean() < 1.5
    assert measure(guess).streaks == pytest.approx(measure(truth).streaks, rel=0.25)


def test_a_drifting_camera_is_followed(dashes: Dashes) -> None:
    random = np.random.default_rng(2)
    wide = np.kron(random.uniform(60, 120, (30, 60)), np.ones((6, 6))).astype(np.float32)
    rainy = dashes(9)[0] - 75
    clip = np.stack([wide[20:116, 20 + 3 * t : 148 + 3 * t] for t in range(9)])
    guess = against_neighbours(clip + rainy)
    assert guess.known.mean() > 0.7
    assert np.abs(guess.background - clip[2:-2])[guess.known].mean() < 2
    kept = clip.copy()
    against_neighbours(clip)
    np.testing.assert_array_equal(clip, kept)


def test_short_clips_are_refused(dashes: Dashes) -> None:
    with pytest.raises(RecipeError, match="give 5 or more"):
        against_neighbours(dashes(4)[0])


def test_the_median_over_time_keeps_rain_that_stays(dashes: Dashes) -> None:
    rainy, clean = (clip + TEXTURE for clip in dashes(9))
    rainy[3:5, 80:90, 100:120] = 115
    residual = against_median(rainy)
    assert residual.known.mean() > 0.95
    assert (residual.rain[3:5, 80:90, 100:120] > 30).all()
    np.testing.assert_allclose(residual.background, clean, atol=0.5)


def test_the_median_leaves_out_what_is_dark_at_times(dashes: Dashes) -> None:
    clip = dashes(9)[1] + TEXTURE
    clip[::3, 40:48, 60:68] -= 30
    assert not against_median(clip).known[:, 40:48, 60:68].any()
