import weakref
from dataclasses import replace

import numpy as np
import pytest
from engine_support import (
    YUV420P8,
    CountingSession,
    all_same,
    blend,
    clip,
    consensus,
    open_session,
    plain,
    same,
    windows,
)

from vsrrg.engine import Derainer
from vsrrg.engine.crew import Caller, Threads
from vsrrg.errors import FormatError, OptionError
from vsrrg.video import Frame, PixelFormat

ONE_SHOT, CUT = [0] * 9, [0] * 4 + [1] * 5


def test_frames_come_out_in_order_radius_frames_late():
    frames = clip(ONE_SHOT)
    derainer = Derainer(open_session(blend(2)), crew=Caller())
    assert derainer.radius == derainer.lag == 2
    out = [[f.pts for f in derainer.push(frame)] for frame in frames]
    assert out == [[], [], [0], [10], [20], [30], [40], [50], [60]]
    assert [f.pts for f in derainer.flush()] == [70, 80]
    assert derainer.flush() == []


@pytest.mark.parametrize("size", [2, 3])
def test_a_crew_lags_by_the_frames_that_are_under_way(size):
    frames = clip(ONE_SHOT)
    derainer = Derainer(open_session(blend(2)), crew=Threads(size, 1))
    assert derainer.lag == 2 + 1 + size
    out = [[f.pts for f in derainer.push(frame)] for frame in frames]
    assert out == [[]] * derainer.lag + [[10 * n] for n in range(9 - derainer.lag)]
    assert [f.pts for f in derainer.flush()] == [10 * n for n in range(9 - derainer.lag, 9)]


@pytest.mark.parametrize("shots", [ONE_SHOT, CUT], ids=str)
def test_each_frame_is_encoded_once(shots):
    session = CountingSession(blend(2))
    list(Derainer(session).stream(clip(shots)))
    assert (session.encoded, session.fused) == (9, 9)


def test_a_flushed_stream_can_be_used_again():
    session = open_session(blend(2))
    derainer = Derainer(session)
    first, second = clip(ONE_SHOT), clip([3] * 5, width=40, height=30)
    assert all_same(list(derainer.stream(first)), plain(session, first, windows(ONE_SHOT, 2)))
    assert all_same(list(derainer.stream(second)), plain(session, second, windows([3] * 5, 2)))


def test_an_abandoned_stream_leaves_nothing_behind():
    frames = clip(ONE_SHOT)
    derainer = Derainer(open_session(blend(2)))
    stream = derainer.stream(frames)
    next(stream)
    stream.close()
    assert derainer.flush() == []


def test_a_failed_frame_comes_with_the_next_push():
    session = CountingSession(blend(1))
    derainer, frames = Derainer(session, crew=Caller()), clip([0] * 4)
    derainer.push(frames[0])
    session.fail = True
    with pytest.raises(RuntimeError, match="out of memory"):
        derainer.push(frames[1])
    session.fail = False
    assert [f.pts for f in derainer.push(frames[2])] == [0, 10]
    assert [f.pts for f in derainer.push(frames[3]) + derainer.flush()] == [20, 30]


def test_memory_is_constant():
    """No more source frames, and no more encodings, are alive at frame 30 than the window needs."""
    derainer, alive = Derainer(open_session(blend(2))), []
    for frame in clip([0] * 30, width=32, height=24):
        copy = replace(frame)
        alive.append(weakref.ref(copy))
        derainer.push(copy)
        del copy
        assert sum(ref() is not None for ref in alive) <= 2 + derainer.lag + 1 + derainer.beside


def test_strength_0_runs_no_network_and_gives_the_source_back():
    session = CountingSession(blend(2))
    frames = clip(CUT)
    assert all_same(list(Derainer(session, strength=0).stream(frames)), frames)
    derainer = Derainer(session)
    mask = np.zeros((48, 64), np.float32)
    got = [f for frame in frames for f in derainer.push(frame, strength=mask)] + derainer.flush()
    assert all_same(got, frames)
    assert (session.encoded, session.fused) == (0, 0)


def test_strength_per_frame():
    session = CountingSession(blend(1))
    frames, expect = clip([0] * 5), windows([0] * 5, 1)
    mask = np.zeros((48, 64), np.float32)
    mask[:, 32:] = 0.5
    strengths = [None, 0.0, 0.25, mask, 0]
    derainer = Derainer(session, strength=0.75)
    got = [f for frame, s in zip(frames, strengths, strict=True) for f in derainer.push(frame, strength=s)]
    got += derainer.flush()
    assert same(got[0], plain(session, frames, expect[:1], strength=0.75)[0])
    assert same(got[1], frames[1])
    assert same(got[2], plain(session, frames, expect, strength=0.25)[2])
    assert same(got[4], frames[4])
    half = plain(session, frames, expect, strength=0.5)[3]
    assert np.array_equal(got[3].planes[0][:, :32], frames[3].planes[0][:, :32])
    assert np.array_equal(got[3].planes[0][:, 32:], half.planes[0][:, 32:])
    assert not np.array_equal(half.planes[0][:, 32:], frames[3].planes[0][:, 32:])


def test_the_rain_layer_as_output():
    session, frames = open_session(blend(1)), clip([0] * 4)
    expected = plain(session, frames, windows([0] * 4, 1), output="rain")
    assert all_same(list(Derainer(session, output="rain").stream(frames)), expected)
    empty = next(Derainer(session, output="rain", strength=0).stream(frames))
    assert [int(plane.min()) for plane in empty.planes] == [16, 128, 128]
    assert [int(plane.max()) for plane in empty.planes] == [16, 128, 128]
    assert empty.pts == frames[0].pts


def test_host_marks_win_over_the_picture():
    session = open_session(blend(2))
    frames = clip(CUT)
    marked = [replace(frame, cut=n == 6) for n, frame in enumerate(frames)]
    expected = plain(session, marked, windows([0] * 6 + [1] * 3, 2))
    assert all_same(list(Derainer(session).stream(marked)), expected)
    mixed = [replace(frame, cut=True if n == 7 else None) for n, frame in enumerate(frames)]
    expected = plain(session, mixed, windows([0] * 4 + [1] * 3 + [2] * 2, 2))
    assert all_same(list(Derainer(session).stream(mixed)), expected)
    expected = plain(session, marked, windows(ONE_SHOT, 2))
    assert all_same(list(Derainer(session, scene_cuts=False).stream(marked)), expected)


def moving_after_still() -> list[Frame]:
    """Four frames of a still scene, then five of another one that pans by 4 pixels a frame; no noise."""
    frames = clip([0] * 4, noise=0)
    wide = clip([1], width=128, noise=0)[0]
    for step in range(0, 20, 4):
        planes = [p[:, step // s : (step + 64) // s] for p, s in zip(wide.planes, (1, 2, 2), strict=True)]
        frames.append(replace(wide, planes=tuple(planes), pts=10 * len(frames)))
    return frames


def test_no_ghost_of_the_other_scene():
    """With a consensus of neighbours, a frame beside the cut is what it is without the other scene."""
    frames = moving_after_still()
    session = open_session(consensus(2))
    derainer = Derainer(session)
    got = list(derainer.stream(frames))
    assert all_same(got[:4], frames[:4])
    assert all_same(got[4:], list(derainer.stream(frames[4:])))
    ghostly = list(Derainer(session, scene_cuts=False).stream(frames))
    assert not same(ghostly[3], got[3])
    assert not same(ghostly[4], got[4])


def test_frames_of_a_clip_must_be_alike():
    derainer = Derainer(open_session(blend(1)))
    derainer.push(clip([0])[0])
    with pytest.raises(FormatError, match="frame 1 is 32x48 yuv420p8, but frame 0 is 64x48 yuv420p8"):
        derainer.push(clip([0], width=32)[0])
    with pytest.raises(FormatError, match="yuv420p10"):
        derainer.push(clip([0], fmt=PixelFormat("yuv", 10, sub_w=1, sub_h=1))[0])
    assert [f.pts for f in derainer.flush()] == [0]


def test_bad_strengths():
    derainer, frame = Derainer(open_session(blend(1))), clip([0], fmt=YUV420P8)[0]
    for bad in (-0.1, 1.1, float("nan"), "1", True):
        with pytest.raises(OptionError, match="strength must be a number from 0"):
            derainer.push(frame, strength=bad)
    with pytest.raises(FormatError, match=r"must be \(48, 64\) \(rows, cols\), but is \(64, 48\)"):
        derainer.push(frame, strength=np.ones((64, 48), np.float32))
    for value in (1.5, -1, np.nan):
        with pytest.raises(OptionError, match="mask must hold numbers from 0"):
            derainer.push(frame, strength=np.full((48, 64), value, np.float32))
    assert derainer.flush() == []
