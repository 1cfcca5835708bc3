"""Live use: no more frames of the future than allowed, and each frame at once."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from engine_support import CountingSession, all_same, blend, clip, open_session, plain, same, windows
from hypothesis import given, settings
from hypothesis import strategies as st

from vsrrg.engine import Derainer
from vsrrg.engine.crew import Threads
from vsrrg.engine.lane import Lanes, PlainLane
from vsrrg.errors import OptionError

SESSIONS = {radius: open_session(blend(radius)) for radius in (0, 1, 2, 3)}
SHOTS = [0] * 4 + [1] * 5


class Ahead(PlainLane):
    ahead = 1


CREWS = {
    "caller": {},
    "threads": {"crew": Threads(2, 1)},
    "gpu": {"lanes": Lanes(lambda: Ahead(torch.device("cpu")))},
}


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.sampled_from([1, 2, 3]),
    st.integers(0, 4),
    st.integers(0, 99),
    st.sampled_from(list(CREWS)),
)
def test_streams_and_random_access_see_the_same(lengths, radius, lookahead, seed, crew):
    shots = [scene for scene, length in enumerate(lengths) for _ in range(length)]
    frames = [
        replace(frame, cut=n > 0 and shots[n] != shots[n - 1])
        for n, frame in enumerate(clip(shots, width=40, height=30, seed=seed))
    ]
    session = SESSIONS[radius]
    expected = plain(session, frames, windows(shots, radius, lookahead))
    assert all_same(list(Derainer(session, lookahead=lookahead, **CREWS[crew]).stream(frames)), expected)
    derainer = Derainer(session, lookahead=lookahead, **CREWS[crew])
    for n in random.Random(seed).sample(range(len(frames)), len(frames)):
        assert same(derainer.frame(n, frames.__getitem__, len(frames)), expected[n])


@pytest.mark.parametrize("lookahead", [0, 1, 2, 9])
@pytest.mark.parametrize("crew", CREWS)
def test_frames_come_out_with_the_push_that_completes_their_window(lookahead, crew):
    frames = clip(SHOTS)
    derainer = Derainer(SESSIONS[2], lookahead=lookahead, **CREWS[crew])
    late = min(lookahead, 2)
    assert (derainer.radius, derainer.lookahead, derainer.lag) == (2, late, late)
    for n, frame in enumerate(frames):
        assert [f.pts for f in derainer.push(frame)] == [10 * (n - late)] * (n >= late)
    assert len(derainer.flush()) == late


def test_what_comes_later_changes_nothing():
    """The windows do differ from those of the whole clip, by what is replaced."""
    session, frames = SESSIONS[2], clip(SHOTS)
    live = list(Derainer(session, lookahead=0).stream(frames))
    for end in (1, 3, 5, 6):
        assert all_same(list(Derainer(session, lookahead=0).stream(frames[:end])), live[:end])
    whole = list(Derainer(session).stream(frames))
    assert [same(a, b) for a, b in zip(live, whole, strict=True)] == [n in (3, 8) for n in range(9)]
    assert all_same(list(Derainer(session, lookahead=2).stream(frames)), whole)


def test_only_the_past_is_fetched():
    frames, asked = clip([0] * 9), []

    def fetch(i):
        asked.append(i)
        return frames[i]

    Derainer(SESSIONS[2], lookahead=0).frame(4, fetch, 9)
    assert sorted(asked) == [2, 3, 4]
    asked.clear()
    Derainer(SESSIONS[2], lookahead=1).frame(4, fetch, 9)
    assert sorted(asked) == [2, 3, 4, 5]


def test_each_frame_is_encoded_once():
    session = CountingSession(blend(2))
    list(Derainer(session, lookahead=0, crew=Threads(2, 1)).stream(clip(SHOTS)))
    assert (session.encoded, session.fused) == (9, 9)


def test_a_failed_frame_sees_no_more_of_the_future_for_it():
    session, frames = CountingSession(blend(2)), clip([0] * 6)
    expected = plain(session, frames, windows([0] * 6, 2, 0))
    derainer = Derainer(session, lookahead=0)
    got = derainer.push(frames[0])
    session.fail = True
    for frame in frames[1:3]:
        with pytest.raises(RuntimeError, match="out of memory"):
            derainer.push(frame)
    session.fail = False
    for frame in frames[3:]:
        got += derainer.push(frame)
    assert all_same(got, expected)


def test_strengths():
    frames, mask = clip([0] * 4), np.zeros((48, 64), np.float32)
    derainer = Derainer(SESSIONS[1], lookahead=0)
    expected = plain(SESSIONS[1], frames, windows([0] * 4, 1, 0))
    for n, strength in enumerate((0, None, mask, None)):
        (got,) = derainer.push(frames[n], strength=strength)
        assert same(got, expected[n] if strength is None else frames[n])


@pytest.mark.parametrize("lookahead", [-1, 1.0, True, "all"])
def test_what_is_no_number_of_frames(lookahead):
    with pytest.raises(OptionError, match=r"lookahead must be a number of frames from 0, or None .*, not"):
        Derainer(SESSIONS[1], lookahead=lookahead)
