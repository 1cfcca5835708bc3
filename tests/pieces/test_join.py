"""The clock of joined packets, and what pieces are recognized by."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.pieces.index import Index, Key
from vsrrg.pieces.join import decode_times, reorder_depth
from vsrrg.pieces.piece import Mismatch, Witness
from vsrrg.pieces.plan import Plan
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

GRAY = PixelFormat("gray", 8)
MS = Fraction(1, 1000)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=60), st.lists(st.integers(1, 6), max_size=20), st.data()
)
def test_every_packet_is_decoded_after_those_before_it_and_no_later_than_it_is_shown(
    gaps: list[int], groups: list[int], data: st.DataObject
) -> None:
    times = list(accumulate(gaps))
    order: list[int] = []
    while len(order) < len(times):
        size = min(groups.pop() if groups else 4, len(times) - len(order))
        order += data.draw(st.permutations(range(len(order), len(order) + size)))
    clock = list(decode_times(times, reorder_depth(order)))
    assert len(clock) == len(times)
    assert all(a < b for a, b in pairwise(clock))
    assert all(dts <= times[place] for dts, place in zip(clock, order, strict=True))
    if order == sorted(order):
        assert clock == times


def frame(n: int, seed: int = 0) -> Frame:
    plane = np.random.default_rng([n, seed]).integers(0, 256, (4, 6), dtype=np.uint8)
    return Frame((plane,), GRAY, ColorSpec.guess(GRAY, 6, 4), 20 * n)


PLAN = Plan(
    StreamFormat(6, 4, "gray", MS),
    Index(MS, 0, tuple(range(0, 400, 10)), (Key(0, 0), Key(18, 180))),
    (0, 20),
    2,
)


def digests(number: int, damaged: int | None = None) -> tuple[str, str]:
    """Of a piece of the plan, one frame of which is perhaps damaged; the pipe's unit is half a tick."""
    witness = Witness(PLAN, PLAN.pieces[number])
    for n in witness.frames:
        witness(frame(n, seed=n == damaged), MS / 2)
    assert witness.next == witness.frames.stop
    return witness.digests


def test_neighbours_agree_on_the_frames_around_a_cut_unless_one_is_damaged() -> None:
    (begin, tail), (head, end) = digests(0), digests(1)
    assert begin == end == "" and tail == head != ""
    for damaged in (18, 19, 20, 21):
        assert digests(1, damaged)[0] != head
    assert digests(1, damaged=22)[0] == head
    assert digests(0, damaged=17)[1] == tail


def test_another_frame_than_planned_is_a_mismatch() -> None:
    witness = Witness(PLAN, PLAN.pieces[1])
    with pytest.raises(Mismatch, match="frame 18 is at another time"):
        witness(frame(17), MS / 2)
    with pytest.raises(Mismatch, match="another time"):
        witness(replace(frame(18), pts=None), MS / 2)
    for n in witness.frames:
        witness(frame(n), MS / 2)
    with pytest.raises(Mismatch, match="frame 40 was not asked for"):
        witness(frame(40), MS / 2)
