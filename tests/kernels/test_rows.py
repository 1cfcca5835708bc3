"""Frames in bands of rows come out as frames in one piece, bit for bit."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.frames import Example, assert_same, examples, some_planes, some_rain
from tests.strategies import YUV420P8
from vsrrg.kernels import rows
from vsrrg.kernels.compositing import composite
from vsrrg.kernels.packing import pack
from vsrrg.kernels.rows import Band, bands
from vsrrg.testing.strategies import formats
from vsrrg.video import ColorSpec, PixelFormat

CPU = torch.device("cpu")
tall_sizes = st.tuples(st.integers(1, 37), st.integers(1, 23))


@contextmanager
def samples_in_a_band(count: int) -> Iterator[None]:
    with patch.object(rows, "SAMPLES", count):
        yield


@settings(max_examples=300)
@given(examples(formats, tall_sizes))
def test_pack_in_bands_is_pack(one: Example) -> None:
    planes = one.planes()
    whole = pack(planes, one.fmt, one.color, dtype=one.dtype)
    for count in (1, 1000):
        with samples_in_a_band(count):
            assert_same(pack(planes, one.fmt, one.color, dtype=one.dtype), whole)


@settings(max_examples=500)
@given(examples(formats, tall_sizes))
def test_composite_in_bands_is_composite(one: Example) -> None:
    planes, rain, strength = one.planes(), one.rain(), one.strength()
    whole = composite(planes, rain, one.fmt, one.color, strength=strength, output=one.output)
    for count in (1, 1000):
        with samples_in_a_band(count):
            pieces = composite(planes, rain, one.fmt, one.color, strength=strength, output=one.output)
        for a, b in zip(pieces, whole, strict=True):
            assert a.is_contiguous()
            assert_same(a, b)


@given(formats, tall_sizes, st.integers(1, 2000))
def test_bands_hold_every_row_of_every_plane_once(
    fmt: PixelFormat, size: tuple[int, int], samples: int
) -> None:
    width, height = size
    with samples_in_a_band(samples):
        cut = list(bands(fmt, width, height, CPU, copies=1))
    for sub_h in (0, 1, 2):
        held = [row for band in cut for row in range(1000)[band.rows(sub_h)]]
        assert held == list(range(-(-height >> sub_h)))


@pytest.mark.parametrize(
    ("width", "height", "copies", "count"),
    [(640, 360, 4, 1), (1920, 1080, 1, 1), (1920, 1080, 4, 6), (7680, 4320, 4, 95)],
)
def test_bands_follow_from_the_size(width: int, height: int, copies: int, count: int) -> None:
    cut = list(bands(YUV420P8, width, height, CPU, copies=copies))
    assert len(cut) == pytest.approx(count, rel=0.06)
    assert max(band.stop - band.start for band in cut) * width * 1.5 * copies < 1.5 * rows.SAMPLES
    assert list(bands(YUV420P8, width, height, torch.device("cuda"), copies=copies)) == [Band(0, height)]


def test_gradients_are_not_asked_for() -> None:
    planes, rain = some_planes(YUV420P8, 8, 6, seed=1), some_rain(8, 6, 1, torch.float32)
    expected = composite(planes, rain, YUV420P8, ColorSpec("bt709", "limited"))
    actual = composite(planes, rain.requires_grad_(), YUV420P8, ColorSpec("bt709", "limited"))
    assert all(torch.equal(a, b) for a, b in zip(actual, expected, strict=True))
