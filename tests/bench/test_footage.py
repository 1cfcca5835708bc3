"""The footage moves, rains, and is what its format says."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from vsrrg.bench import footage as module
from vsrrg.bench import procedural
from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage, footage_name, held_bytes
from vsrrg.errors import MediaError
from vsrrg.testing.strategies import ALL_FORMATS
from vsrrg.video import Frame, PixelFormat, codes


def nominal(frame: Frame, i: int) -> np.ndarray:
    known = codes(frame.format, frame.color, i)
    return (frame.planes[i].astype(np.float64) - known.zero) / known.scale


@pytest.mark.parametrize("fmt", ALL_FORMATS, ids=lambda fmt: fmt.name)
def test_every_format_moves_and_is_textured(fmt: PixelFormat) -> None:
    a, b = footage(None, 66, 50, fmt, 2)
    assert (a.width, a.height, a.format) == (66, 50, fmt)
    for i in range(fmt.planes):
        assert nominal(a, i).std() > 0.01
        assert (a.planes[i] != b.planes[i]).mean() > 0.2


def test_formats_show_the_same_picture() -> None:
    """Converted by hand or by ffmpeg, samples mean the same."""
    (plain,) = footage(None, 64, 48, parse_format("yuv420p8"), 1)
    for name in ("yuv420p10", "yuv420p11", "yuv420p16", "yuv420p16f", "yuv420p32f"):
        (other,) = footage(None, 64, 48, parse_format(name), 1)
        for i in range(3):
            assert np.abs(nominal(plain, i) - nominal(other, i)).max() < 3 / 219, name


def test_without_the_demo_clip_footage_is_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert footage_name(None) == "demo clip"
    monkeypatch.setattr(module, "DEMO_CLIP", tmp_path / "none.mp4")
    assert footage_name(None) == "procedural"
    frames = footage(None, 128, 72, parse_format("yuv420p8"), 4)
    for a, b in pairwise(frames):
        assert a.planes[0].std() > 10
        assert np.abs(a.planes[0].astype(int) - b.planes[0]).mean() > 1


def test_drawn_rain_lives_for_one_frame() -> None:
    """Hardly any scene gets brighter for one frame; rain does."""
    a, x, b = (picture.astype(int).mean(2) for picture in islice(procedural.pictures(), 3))
    lifted = (x - np.maximum(a, b) > 25).mean()
    assert 0.002 < lifted < 0.05
    assert np.array_equal(next(procedural.pictures(1)), next(procedural.pictures(1)))


def test_a_short_video_is_played_to_and_fro() -> None:
    frames = footage(None, 16, 16, parse_format("gray8"), 3)
    longer = module.to_and_fro(frames, 8)
    assert [frames.index(frame) for frame in longer] == [0, 1, 2, 1, 0, 1, 2, 1]
    assert module.to_and_fro(frames[:1], 3) == frames[:1] * 3
    assert held_bytes(frames, longer) == 3 * 16 * 16


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="does not exist"):
        footage(tmp_path / "none.mkv", 16, 16, parse_format("gray8"), 3)
