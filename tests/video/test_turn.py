"""Turned frames hold the same samples at other places, and turn back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import random_planes
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg.video.format import SUBSAMPLINGS
from vsrrg.video.turn import turned, turned_format, upright

FORMATS = [PixelFormat("yuv", 10, sub_w=sub_w, sub_h=sub_h) for sub_w, sub_h in SUBSAMPLINGS]
FORMATS += [PixelFormat("gray", 8), PixelFormat("rgb", 32, "float")]


def frame(fmt: PixelFormat, width: int, height: int, seed: int = 0) -> Frame:
    planes = tuple(plane.numpy() for plane in random_planes(fmt, width, height, seed))
    return Frame(planes, fmt, ColorSpec("bt709", "limited"), seed, origin="host's")


@given(st.sampled_from(FORMATS), st.integers(1, 20), st.integers(1, 20), st.integers(-8, 8))
def test_there_and_back(fmt: PixelFormat, width: int, height: int, quarters: int) -> None:
    given = frame(fmt, width, height)
    there = turned(given, quarters)
    if turned_format(fmt, quarters) is None or quarters % 4 == 0:
        assert there is given
        return
    assert (there.width, there.height) == ((width, height) if quarters % 2 == 0 else (height, width))
    for now, before in zip(there.planes, given.planes, strict=True):
        assert now.flags.c_contiguous and np.array_equal(now, np.rot90(before, quarters))
    back = turned(there, -quarters)
    assert (back.format, back.color, back.pts, back.origin) == (fmt, given.color, 0, "host's")
    assert all(np.array_equal(a, b) for a, b in zip(back.planes, given.planes, strict=True))


def test_which_formats_turn() -> None:
    by_name = {fmt.name: turned_format(fmt, 1) for fmt in FORMATS}
    told = {name: None if fmt is None else fmt.name for name, fmt in by_name.items()}
    assert told["yuv422p10"] == "yuv440p10" and told["yuv440p10"] == "yuv422p10"
    assert told["yuv411p10"] is None and told["yuv410p10"] == "yuv410p10"
    assert turned_format(PixelFormat("yuv", 8, sub_w=2), 2) == PixelFormat("yuv", 8, sub_w=2)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_work_sees_upright_frames_only(quarters: int) -> None:
    frames = [frame(PixelFormat("yuv", 8, sub_w=1), 6, 4, seed) for seed in range(3)]
    seen = []

    def darken_the_top_row(given: Iterable[Frame]) -> Iterator[Frame]:
        for one in given:
            seen.append((one.width, one.height))
            one.planes[0][0] = 0
            yield one

    out = list(upright(darken_the_top_row, quarters)(frames))
    assert seen == [(4, 6) if quarters % 2 else (6, 4)] * 3
    assert [(one.width, one.height, one.pts) for one in out] == [(6, 4, seed) for seed in range(3)]
    row = {1: np.s_[:, -1], 2: np.s_[-1, :], 3: np.s_[:, 0]}[quarters]
    for one, before in zip(out, frames, strict=True):
        assert not one.planes[0][row].any()
        rest = one.planes[0].copy()
        rest[row] = before.planes[0][row]
        assert np.array_equal(rest, before.planes[0])


def test_work_on_upright_frames_is_left_alone() -> None:
    assert upright(iter, 0) is iter
