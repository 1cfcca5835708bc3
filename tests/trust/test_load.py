"""A short run of load.py, whose whole one is a figure in docs/trust.md."""

from __future__ import annotations

import sys

import pytest

from tests.trust.load import jobs

GROWTH = 12_000_000
"""Bytes that allocator and cache may still be settling in so short a run; see `load.CACHE`."""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is told by Linux")
@pytest.mark.parametrize(("pipe", "vapoursynth"), [(1000, 0), (0, 600)])
def test_nothing_grows_and_the_last_frames_are_right(pipe: int, vapoursynth: int) -> None:
    ((_, held),) = jobs(pipe, vapoursynth)
    assert len(held.memory) > 50
    assert held.growth(held.memory) < GROWTH
    assert held.growth(held.descriptors) == held.growth(held.threads) == 0
