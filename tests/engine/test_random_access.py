import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from engine_support import CountingSession, all_same, blend, clip, open_session, plain, same, windows

from vsrrg.engine import Derainer
from vsrrg.engine.derainer import SPARE
from vsrrg.errors import FormatError, OptionError

SHOTS = [0] * 7 + [1] * 9


@pytest.fixture(scope="module")
def frames():
    return clip(SHOTS)


@pytest.fixture(scope="module")
def expected(frames):
    return plain(open_session(blend(2)), frames, windows(SHOTS, 2))


@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_linear_use_encodes_each_frame_once(frames, expected, order):
    session = CountingSession(blend(2))
    derainer = Derainer(session)
    got = [derainer.frame(n, frames.__getitem__, len(frames)) for n in range(len(frames))[::order]]
    assert all_same(got[::order], expected)
    assert (session.encoded, session.fused) == (len(frames), len(frames))


def test_fetches_only_the_window(frames):
    derainer, asked = Derainer(open_session(blend(2))), []

    def fetch(i):
        asked.append(i)
        return frames[i]

    derainer.frame(10, fetch, len(frames))
    assert sorted(asked) == [8, 9, 10, 11, 12]
    asked.clear()
    derainer.frame(11, fetch, len(frames))
    assert sorted(asked) == [11, 13]
    asked.clear()
    derainer.frame(0, fetch, len(frames))
    assert sorted(asked) == [0, 1, 2]


def test_seeking_far_and_wide_keeps_memory_bounded(frames):
    derainer = Derainer(open_session(blend(2)))
    for n in (0, 55, 13, 42, 27, 3, 50, 20):
        derainer.frame(n, lambda i: frames[i % len(frames)], 60)
    assert len(derainer._frames._values) <= 2 * 2 + 1 + SPARE[0] + 1


@pytest.mark.parametrize("threads", [2, 4, 8])
def test_threads_get_the_same_pixels_and_encode_once(frames, expected, threads):
    session = CountingSession(blend(2))
    derainer = Derainer(session)

    def fetch(i):
        time.sleep(0.002)
        return frames[i]

    with ThreadPoolExecutor(threads) as pool:
        got = list(pool.map(lambda n: derainer.frame(n, fetch, len(frames)), range(len(frames))))
    assert all_same(got, expected)
    assert session.encoded == len(frames)


def test_threads_on_the_same_frame(frames, expected):
    session = CountingSession(blend(2))
    derainer, start = Derainer(session), threading.Barrier(6)

    def ask(_):
        start.wait()
        return derainer.frame(8, frames.__getitem__, len(frames))

    with ThreadPoolExecutor(6) as pool:
        assert all(same(got, expected[8]) for got in pool.map(ask, range(6)))
    assert session.encoded == 5


def test_a_failing_fetch_does_not_poison_the_cache(frames, expected):
    derainer = Derainer(open_session(blend(2)))

    def broken(i):
        if i == 9:
            raise ConnectionError("the disk is gone")
        return frames[i]

    for n in (8, 9):
        with pytest.raises(ConnectionError, match="disk is gone"):
            derainer.frame(n, broken, len(frames))
    assert same(derainer.frame(8, frames.__getitem__, len(frames)), expected[8])
    assert same(derainer.frame(9, frames.__getitem__, len(frames)), expected[9])


def test_a_failing_network_does_not_poison_the_cache(frames, expected):
    session = CountingSession(blend(2))
    derainer, session.fail = Derainer(session), True
    with pytest.raises(RuntimeError, match="out of memory"):
        derainer.frame(8, frames.__getitem__, len(frames))
    session.fail = False
    assert same(derainer.frame(8, frames.__getitem__, len(frames)), expected[8])


def test_strength_0_fetches_no_neighbours(frames):
    session, asked = CountingSession(blend(2)), []

    def fetch(i):
        asked.append(i)
        return frames[i]

    assert same(Derainer(session).frame(8, fetch, len(frames), strength=0), frames[8])
    assert (asked, session.encoded) == ([8], 0)


def test_frames_that_do_not_exist(frames):
    derainer = Derainer(open_session(blend(2)))
    for n in (-1, 16):
        with pytest.raises(OptionError, match=f"frame {n} does not exist: the clip has frames 0 to 15"):
            derainer.frame(n, frames.__getitem__, 16)


def test_neighbours_must_be_alike(frames):
    mixed = [*frames[:5], *clip([0] * 5, width=32)]
    with pytest.raises(FormatError, match="frame 5 is 32x48 yuv420p8, but frame 4 is 64x48 yuv420p8"):
        Derainer(open_session(blend(2))).frame(4, mixed.__getitem__, 10)


def test_stream_and_random_access_do_not_disturb_each_other(frames, expected):
    derainer = Derainer(open_session(blend(2)))
    other = clip([5] * 16)
    streamed = []
    for n, frame in enumerate(other):
        streamed += derainer.push(frame)
        assert same(derainer.frame(n, frames.__getitem__, len(frames)), expected[n])
    assert all_same(streamed + derainer.flush(), list(derainer.stream(other)))
