"""Times of rain."""

import math

import numpy as np
import pytest

from vsrrg_training.gap.residual import Residual
from vsrrg_training.gap.temporal import time_figures


def residual(rows: list[list[float]]) -> Residual:
    """Columns of `rows` are pixels, rows are frames."""
    rain = np.array(rows, np.float32)[:, None]
    return Residual(rain, np.zeros_like(rain), np.ones(rain.shape, np.bool_))


def test_excursions_are_timed() -> None:
    figures = time_figures(residual([[0, 40, 0, 0], [30, 40, 0, 0], [0, 40, 0, 20], [0, 0, 0, 0]]))
    assert figures["duration"] == pytest.approx((1 + 3 + 1) / 3)
    assert figures["lasting"] == pytest.approx(1 / 3)
    assert figures["persistence"] == pytest.approx(2 / 5 - 5 / 16)
    assert figures["skewness"] > 0.5


def test_frames_that_repeat_correlate() -> None:
    frame = np.random.default_rng(0).uniform(0, 60, 200).tolist()
    other = np.random.default_rng(1).uniform(0, 60, 200).tolist()
    figures = time_figures(residual([frame, frame, other, other]))
    assert 0.5 < figures["autocorrelation_1"] < 0.8
    assert abs(figures["autocorrelation_2"]) < 0.2


def test_a_dry_clip_has_no_times() -> None:
    assert math.isnan(time_figures(residual([[0.0, 1.0]] * 4))["duration"])
