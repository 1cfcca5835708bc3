"""Which frames belong together, and that an excerpt is derained as the whole file would be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from compare_support import Image, grays, write

from vsrrg.compare.clips import Span, open_clip
from vsrrg.compare.moments import check_alike, moments
from vsrrg.errors import MediaError
from vsrrg.frames import Derainer, derain_frames
from vsrrg.hooks import resolve
from vsrrg.hooks.manager import Offer
from vsrrg.testing.stand_ins import MODEL

WHOLE = Span(Fraction(0), Fraction(100))


def drops(count: int) -> list[Image]:
    """Noise, another in every frame."""
    random = np.random.default_rng(7)
    return [random.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(count)]


def test_an_excerpt_is_derained_as_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the model sees frames on either side of it."""
    monkeypatch.setattr(resolve, "model_offer", lambda name: Offer("", MODEL))
    choices = {"model": "any", "device": "cpu", "precision": "fp32", "scene_cuts": False}
    clip = open_clip(write(tmp_path / "a.mkv", drops(12), codec="ffv1", pix_fmt="yuv420p"))
    derainer = Derainer(**choices)
    everything = list(moments(clip, derainer, None, WHOLE))
    clean = list(derain_frames([one.rainy for one in everything], **choices))
    assert len(everything) == 12
    for span in (Span(Fraction(4, 25), Fraction(7, 25)), Span(Fraction(0), Fraction(3, 25)), WHOLE):
        numbers = [n for n in range(12) if Fraction(n, 25) in span]
        for one, n in zip(moments(clip, derainer, None, span), numbers, strict=True):
            assert one.time == Fraction(n, 25)
            assert np.array_equal(one.rainy.to_ndarray(), everything[n].rainy.to_ndarray())
            assert np.array_equal(one.derained.to_ndarray(), clean[n].to_ndarray())
    assert not np.array_equal(everything[5].rainy.to_ndarray(), clean[5].to_ndarray())


def test_frames_of_files_are_matched_by_time(tmp_path: Path) -> None:
    """Milliseconds in one file and ticks of a camera in the other; the excerpt is not the begin."""
    unit = Fraction(1001, 30000)
    rainy = open_clip(write(tmp_path / "a.mkv", grays(*range(20, 200, 9)), unit=unit))
    derained = open_clip(
        write(tmp_path / "b.mov", grays(*range(30, 210, 9)), unit=unit, codec="png", pix_fmt="rgb24")
    )
    near = Fraction(1, 1000)
    span = Span(6 * unit - near, 9 * unit - near)
    levels = [
        [int(frame.to_ndarray(format="rgb24").flat[0]) for frame in (one.rainy, one.derained, one.reference)]
        for one in moments(rainy, derained, derained, span)
    ]
    assert levels == [[74, 84, 84], [83, 93, 93], [92, 102, 102]]


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (range(5), "has a frame at 0.200 s, but '.*b.mkv' has ended"),
        (range(10), "'.*a.mkv' has ended, but '.*b.mkv' has a frame at 0.320 s"),
        (range(0, 16, 2), "has a frame at 0.040 s, but '.*b.mkv' has one at 0.080 s"),
    ],
)
def test_frames_without_partners_are_told(tmp_path: Path, times: range, told: str) -> None:
    rainy = open_clip(write(tmp_path / "a.mkv", grays(*range(20, 100, 10))))
    derained = open_clip(write(tmp_path / "b.mkv", grays(*[50] * len(times)), list(times)))
    with pytest.raises(MediaError, match=f"{told}.*: give videos with the same frames"):
        list(moments(rainy, derained, None, WHOLE))


def test_sizes_must_agree(tmp_path: Path) -> None:
    one = open_clip(write(tmp_path / "a.mkv", grays(20)))
    other = open_clip(write(tmp_path / "b.mkv", grays(20, size=(48, 80))))
    with pytest.raises(
        MediaError, match=r"'.*a.mkv' is 64x48, but '.*b.mkv' is 80x48: give videos of the same"
    ):
        check_alike(one, one, other)
