"""Both halves of a laid-out frame hold the very samples of the picture that they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsrrg.engine.layout import LINE, laid_out, laid_out_width
from vsrrg.errors import OptionError
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import SUBSAMPLINGS, PixelFormat
from vsrrg.video.frame import Frame

FORMATS = [
    *(PixelFormat("yuv", 8, sub_w=w, sub_h=h) for w, h in SUBSAMPLINGS),
    PixelFormat("yuv", 10, sub_w=1, sub_h=1),
    PixelFormat("yuv", 32, "float", 1, 0),
    PixelFormat("gray", 16),
    PixelFormat("rgb", 8),
    PixelFormat("rgb", 16, "float"),
]


def invert(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Work that lags, and changes every sample."""
    waiting: list[Frame] = []
    for frame in frames:
        planes = tuple(
            (plane + 1).astype(plane.dtype) if plane.dtype.kind == "f" else plane ^ 1
            for plane in frame.planes
        )
        waiting.append(replace(frame, planes=planes))
        if len(waiting) > 2:
            yield waiting.pop(0)
    yield from waiting


def frame(fmt: PixelFormat, width: int, height: int, number: int = 0) -> Frame:
    rng = np.random.default_rng([width, height, number])
    planes: tuple[np.ndarray[Any, Any], ...] = tuple(
        (rng.random(fmt.plane_shape(plane, width, height)) * fmt.peak).astype(fmt.dtype)
        for plane in range(fmt.planes)
    )
    return Frame(planes, fmt, ColorSpec.guess(fmt, width, height), number, origin=("host", number))


@given(st.sampled_from(FORMATS), st.integers(1, 40), st.integers(1, 9), st.integers(1, 5))
def test_side_by_side(fmt: PixelFormat, width: int, height: int, count: int) -> None:
    sources = [frame(fmt, width, height, number) for number in range(count)]
    out = list(laid_out(invert, "side-by-side")(iter(sources)))
    assert [one.pts for one in out] == list(range(count))
    assert [one.origin for one in out] == [source.origin for source in sources]
    for one, source, after in zip(out, sources, invert(sources), strict=True):
        assert one.width == laid_out_width("side-by-side", width, fmt) >= 2 * width
        assert one.width - 2 * width < 2 << fmt.sub_w and one.height == height
        for number, (plane, left, right) in enumerate(
            zip(one.planes, source.planes, after.planes, strict=True)
        ):
            half = one.width // 2 >> (fmt.sub_w if number else 0)
            assert np.array_equal(plane[:, : left.shape[1]], left)
            assert np.array_equal(plane[:, half : half + right.shape[1]], right)


@given(st.sampled_from(FORMATS), st.integers(9, 40), st.integers(1, 9))
def test_split(fmt: PixelFormat, width: int, height: int) -> None:
    source = frame(fmt, width, height)
    (one,) = laid_out(invert, "split")([source])
    (after,) = invert([source])
    step, line = 1 << fmt.sub_w, max(LINE, 1 << fmt.sub_w)
    start = next(
        x for x in range(0, width, step) if not np.array_equal(one.planes[0][:, x], source.planes[0][:, x])
    )
    assert abs(start + line / 2 - width / 2) <= step
    for number, plane in enumerate(one.planes):
        shift = fmt.sub_w if number else 0
        before, behind = start >> shift, start + line >> shift
        assert np.array_equal(plane[:, :before], source.planes[number][:, :before])
        assert np.array_equal(plane[:, behind:], after.planes[number][:, behind:])
        assert len(np.unique(plane[:, before:behind])) == 1
    assert laid_out_width("split", width, fmt) == width


def test_other_layouts_are_refused() -> None:
    with pytest.raises(OptionError, match="layout 'diagonal' does not exist; choose side-by-side, split"):
        laid_out(invert, "diagonal")  # type: ignore[arg-type]
