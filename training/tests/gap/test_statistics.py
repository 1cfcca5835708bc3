"""The statistics of rain find what was put into a clip."""

import math

import pytest

from vsrrg_training.gap.residual import exact
from vsrrg_training.gap.statistics import NTURAIN, average, markdown, measure

from .conftest import Dashes


def test_dashes_are_measured(dashes: Dashes) -> None:
    figures = measure(exact(*dashes()))
    pixels = 96 * 128
    assert figures.known == 1
    assert figures.changed == pytest.approx(12 * 20 / pixels, rel=1e-3)
    assert figures.mean == pytest.approx(12 * 20 * 60 / pixels, rel=1e-3)
    assert figures.maximum == 40
    assert figures.darker == 0
    assert figures.streaks == pytest.approx(12 / pixels * 1e6, rel=1e-3)
    assert figures.length == pytest.approx(20, abs=0.5)
    assert figures.angle < 2
    assert figures.beside == pytest.approx(0.25, abs=0.03)
    assert figures.two_away == pytest.approx(0.0, abs=0.03)
    assert figures.brightness[1] == pytest.approx(40, abs=0.5)
    assert math.isnan(figures.brightness[4])
    assert figures.persistence < 0.2


def test_persistence_sees_rain_that_stays(dashes: Dashes) -> None:
    assert measure(exact(*dashes(stay=True))).persistence == 1


def test_dark_rain_is_counted(dashes: Dashes) -> None:
    rainy, clean = dashes()
    assert measure(exact(clean, rainy)).darker == pytest.approx(12 * 20 / (96 * 128), rel=1e-3)


def test_average_skips_what_is_unknown(dashes: Dashes) -> None:
    dark, bright = measure(exact(*dashes())), measure(exact(*dashes(background=175)))
    mean = average([dark, bright])
    assert mean.brightness[1] == dark.brightness[1]
    assert mean.brightness[3] == bright.brightness[3]
    assert math.isnan(mean.brightness[4])
    assert mean.changed == pytest.approx((dark.changed + bright.changed) / 2)


def test_tables_hold_every_figure(dashes: Dashes) -> None:
    table = markdown({"NTURain": NTURAIN, "dashes": measure(exact(*dashes()))}).splitlines()
    assert len({line.count("|") for line in table}) == 1
    assert "33/26/24/16/13" in table[2]
