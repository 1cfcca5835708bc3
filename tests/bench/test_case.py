"""Spreads, limits and shares."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.bench_support import RESULT, THROUGH
from vsrrg.bench.case import Limits, Spread


def test_median_and_quartiles() -> None:
    spread = Spread((5.0, 1.0, 3.0, 2.0, 4.0))
    assert spread.median == 3.0 and spread.quartiles == (2.0, 4.0)
    assert Spread((7.0,)).quartiles == (7.0, 7.0)


def test_ratios_are_of_the_same_pass() -> None:
    """A disturbance that slows both down does not change the ratio."""
    assert Spread((1.0, 10.0)).over(Spread((2.0, 20.0))).values == (0.5, 0.5)


def test_the_slowest_path_is_the_limit() -> None:
    cpu = Limits(matrix=100.0, copy=10.0)
    assert cpu.least_seconds(200.0, 10) == (2.0, "matrix")
    assert cpu.least_seconds(50.0, 10) == (1.0, "copy")
    cuda = Limits(matrix=1e9, copy=1e9, device_copy=1e12, upload=20.0, download=5.0)
    assert cuda.least_seconds(1.0, 10) == (2.0, "copy")


def test_the_share_of_the_limit() -> None:
    # 2e8 operations at 1e11 a second are 2 ms; the median pass takes 11 ms a frame.
    assert RESULT.limit_share == (pytest.approx(2 / 11), "matrix")
    assert replace(RESULT, flops=None).limit_share is None


def test_adapters_are_held_against_the_slower_of_engine_and_ffmpeg() -> None:
    assert THROUGH.vapoursynth_share is not None
    assert THROUGH.vapoursynth_share.values == pytest.approx((0.8, 0.8))
    assert THROUGH.derain_share is not None and THROUGH.derain_overlap is not None
    assert THROUGH.derain_share.values == pytest.approx((0.5, 0.75))
    assert THROUGH.derain_overlap.values == pytest.approx((0.7, 1.25))
    assert replace(THROUGH, transcode=None).derain_share is None
