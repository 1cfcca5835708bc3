"""Frames from any place in a file, with their times."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from compare_support import grays, write

from vsrrg.compare.clips import Clip, Span, around, open_clip, read
from vsrrg.compare.luma import luma
from vsrrg.errors import MediaError

LEVELS = [30 + 5 * n for n in range(30)]
LONG = {"codec": "libx264", "pix_fmt": "yuv420p", "bf": "3", "g": "250", "crf": "0"}


def seen(clip: Clip, since: Fraction) -> list[tuple[Fraction, int]]:
    return [(one.time, round(float(luma(one.frame).mean()))) for one in read(clip, since)]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_every_place_gives_the_frames_of_the_whole(tmp_path: Path, suffix: str) -> None:
    """With one key frame and B-frames; a transport stream does not begin at 0, and has no index."""
    clip = open_clip(write(tmp_path / f"long{suffix}", grays(*LEVELS), **LONG))
    whole = seen(clip, Fraction(0))
    assert [time for time, _ in whole] == [Fraction(n, 25) for n in range(30)]
    assert all(after > before for (_, before), (_, after) in pairwise(whole))
    for since in (Fraction(1, 25), Fraction(13, 25), Fraction(14, 27), Fraction(29, 25)):
        assert seen(clip, since) == [one for one in whole if one[0] >= since]
    assert seen(clip, Fraction(2)) == []


def test_what_is_known_of_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", grays(*LEVELS), [n + 4 * (n > 9) for n in range(30)])
    clip = open_clip(path)
    assert (clip.width, clip.height, clip.aspect, clip.rotation, clip.rate) == (64, 48, 1, 0, 25)
    assert clip.name == "a.mkv"
    times = [one.time for one in read(clip)]
    assert times[9:11] == [Fraction(9, 25), Fraction(14, 25)]  # times are the frames' own


def test_neighbours_beside_a_span(tmp_path: Path) -> None:
    clip = open_clip(write(tmp_path / "a.mkv", grays(*LEVELS)))
    for first, last, got in ((10, 14, range(7, 17)), (0, 2, range(5)), (28, 90, range(25, 30))):
        frames = [one.time * 25 for one in around(clip, Span(Fraction(first, 25), Fraction(last, 25)), 3)]
        assert frames == list(got)


def test_frames_without_times_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h264", grays(*LEVELS[:3]), **{**LONG, "bf": "0"})
    with pytest.raises(MediaError, match="put it into a container first"):
        open_clip(path)
