"""The baselines do what their names say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.strategies import LIMITED, YUV420P8
from vsrrg.bench.baselines import LOOPED, min_median, tmedian, write_raw
from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage
from vsrrg.errors import MediaError
from vsrrg.video import Frame


def noise(count: int) -> list[Frame]:
    rng = np.random.default_rng(0)
    shapes = [YUV420P8.plane_shape(i, 13, 9) for i in range(3)]
    return [
        Frame(tuple(rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes), YUV420P8, LIMITED, pts)
        for pts in range(count)
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_min_median_is_the_minimum_of_input_and_median_of_three(count: int) -> None:
    frames = noise(count)
    lowered = list(min_median(frames))
    assert [frame.pts for frame in lowered] == list(range(count))
    for n, frame in enumerate(lowered):
        window = [frames[min(max(k, 0), count - 1)] for k in (n - 1, n, n + 1)]
        for i, plane in enumerate(frame.planes):
            stack = np.stack([other.planes[i] for other in window])
            assert np.array_equal(plane, np.minimum(stack[1], np.median(stack, axis=0)))


def test_min_median_leaves_its_input_alone() -> None:
    frames, again = noise(3), noise(3)
    list(min_median(frames))
    for a, b in zip(frames, again, strict=True):
        assert all(map(np.array_equal, a.planes, b.planes))


def test_tmedian_sees_the_frames_again_and_again(tmp_path: Path) -> None:
    frames = footage(None, 64, 48, YUV420P8, 8)
    write_raw(frames, tmp_path / "raw")
    assert (tmp_path / "raw").stat().st_size == 8 * 64 * 48 * 3 // 2
    run = tmedian(tmp_path / "raw", frames[0], 8, threads=1)
    assert LOOPED - 2 <= run.frames <= LOOPED + 8
    assert 0 < run.seconds < 1 and run.start > 0


def test_tmedian_is_not_fed_what_it_would_convert(tmp_path: Path) -> None:
    frames = footage(None, 64, 48, parse_format("rgb32f"), 2)
    write_raw(frames, tmp_path / "raw")
    with pytest.raises(MediaError, match="tmedian does not take gbrpf32le"):
        tmedian(tmp_path / "raw", frames[0], 2, threads=1)
