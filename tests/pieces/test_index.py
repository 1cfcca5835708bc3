"""Times and keys of a file, from made-up packets and from real ones."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ffmpeg.media import clip, times
from tests.pieces.pieces_support import OPEN_GOP, long_clip, make_job, source_of
from vsrrg.ffmpeg.transcode import prepare
from vsrrg.pieces.index import Index, Key, Packet, Whole, index_packets, read_index

MS = Fraction(1, 1000)


def packet(pts: int | None, dts: int | None, key: bool = False, shown: bool = True) -> Packet:
    return Packet(pts, dts, key, shown)


OPEN = [
    packet(100, 0, key=True), packet(220, 40), packet(140, 100), packet(180, 140),
    packet(340, 180, key=True), packet(260, 220), packet(300, 260), packet(380, 300),
]  # fmt: skip
"""Two groups; two frames are stored after the second key, and shown before it."""


def test_frames_are_in_order_of_presentation_and_keys_among_them() -> None:
    index = index_packets(OPEN, MS, -100_000, Fraction(0))
    assert index.times == (0, 40, 80, 120, 160, 200, 240, 280)
    assert index.keys == (Key(0, 0), Key(6, 180))


def test_keys_are_sought_late_where_ffmpeg_seeks_early_but_never_at_the_next() -> None:
    index = index_packets(OPEN, MS, 0, Fraction(1, 10), late=Fraction(3, 23) / MS)
    assert index.keys == (Key(0, 179), Key(6, 340 + 131))


def test_what_is_not_shown_is_no_frame() -> None:
    hidden = [packet(60, -40, key=True, shown=False), *OPEN]
    index = index_packets(hidden, MS, 0, Fraction(1, 10))
    assert index.times[0] == 100 and index.keys[0].frame == index.keys[1].frame == 0
    broken = index_packets([packet(20, -80), *OPEN], MS, 0, Fraction(1, 10))
    assert broken == index_packets(OPEN, MS, 0, Fraction(1, 10))


@pytest.mark.parametrize(
    ("packets", "first", "reason"),
    [
        ([packet(None, 0, key=True)], 0, "frames without a time"),
        ([packet(0, 0, key=True), packet(40, 40), packet(40, 41)], 0, "two frames of one time"),
        ([packet(0, 0, key=True), packet(40, 40)], Fraction(1, 50), "first frame is not where"),
        ([], 0, "first frame is not where"),
    ],
)
def test_what_is_uncertain_stays_whole(packets: list[Packet], first: Fraction, reason: str) -> None:
    with pytest.raises(Whole, match=reason):
        index_packets(packets, MS, 0, Fraction(first))


@given(st.integers(-(10**9), 10**9), st.sampled_from([1, 24, 1000, 90000, 48000]), st.integers(0, 10**6))
def test_offsets_are_rounded_as_ffmpeg_does(offset: int, rate: int, pts: int) -> None:
    unit = Fraction(1, rate)
    exact = Fraction(abs(offset), 1_000_000) * rate
    shift = int(exact + Fraction(1, 2)) * (1 if offset >= 0 else -1)
    index = index_packets([packet(pts, pts, key=True)], unit, offset, (pts + shift) * unit)
    assert index.times == (pts + shift,)


def test_key_before() -> None:
    index = Index(MS, 0, tuple(range(100)), tuple(Key(frame, frame) for frame in (0, 20, 40, 60)))
    assert [index.key_before(frame, 0) for frame in (10, 20, 59, 60)] == [
        None, Key(20, 20), Key(40, 40), Key(60, 60),
    ]  # fmt: skip
    assert [index.key_before(60, steps) for steps in (1, 2, 3, 9)] == [Key(40, 40), Key(20, 20), None, None]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_real_files(tmp_path: Path, name: str) -> None:
    path = long_clip(tmp_path / name, *OPEN_GOP, "-c:a", "mp2" if name == "a.ts" else "aac")
    job = make_job()
    source = source_of(path, tmp_path / "out")
    prepared = prepare(path, source.target, job.options, job.encode)
    index = read_index(prepared.media, prepared.carried.maps, prepared.known)
    assert [key.frame for key in index.keys] == [0, 20, 40, 60, 80, 100]
    begin = -Fraction(index.offset, 1_000_000)
    assert abs(index.times[0] * index.time_base + begin - times(path)[0]) < index.time_base
    assert [time - index.times[0] for time in index.times] == [
        (time - times(path)[0]) / index.time_base for time in times(path)
    ]


def test_broken_file(tmp_path: Path) -> None:
    """What ends in the middle is indexed as far as it goes."""
    path = clip(tmp_path / "in.mkv", *OPEN_GOP, frames=120)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    job = make_job()
    prepared = prepare(path, source_of(path, tmp_path / "out").target, job.options, job.encode)
    index = read_index(prepared.media, prepared.carried.maps, prepared.known)
    assert 20 < len(index.times) < 120
