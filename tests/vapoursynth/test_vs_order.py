"""The same pixels whatever the order in which frames are asked for, and however many at once."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest
import vapoursynth as vs
from vs_support import Planes, all_same, noise_clip, pixels, planes

from vsrrg.testing.stand_ins import AboveMinimum

streams = pytest.mark.parametrize("num_streams", [1, 3])


@pytest.fixture
def expected(derain, source) -> list[Planes]:
    """A clip per frame: the window alone, cut out of the source, without any state of the filter's."""
    found = []
    for n in range(source.num_frames):
        first = max(0, n - 2)
        found.append(planes(derain(source[first : n + 3], scene_cuts=False).get_frame(n - first)))
    return found


@pytest.fixture
def threads():
    """More threads than this machine may have cores, as on a user's."""
    before = vs.core.num_threads
    vs.core.num_threads = 8
    yield
    vs.core.num_threads = before


@streams
def test_any_order(derain, source, expected, num_streams):
    count = source.num_frames
    forwards = list(range(count))
    shuffled = random.Random(3).sample(forwards * 2, 2 * count)
    for order in (forwards, forwards[::-1], shuffled, [0, count - 1, 1, count - 2]):
        clean = derain(source, num_streams=num_streams, scene_cuts=False)
        assert all_same([planes(clean.get_frame(n)) for n in order], [expected[n] for n in order])


@pytest.mark.parametrize("lookahead", [0, 1, 5])
def test_no_more_of_the_future_than_allowed(derain, source, lookahead):
    clean = derain(source, lookahead=lookahead, scene_cuts=False)
    for n in (7, 0, 12):
        known = derain(source[: n + lookahead + 1], scene_cuts=False)
        assert all_same([planes(clean.get_frame(n))], [planes(known.get_frame(n))])


@streams
def test_one_filter_after_seeking(derain, source, expected, num_streams):
    clean = derain(source, num_streams=num_streams, scene_cuts=False)
    clean.std.SetVideoCache(mode=0)
    for n in (0, 1, 2, 19, 7, 6, 5, 19, 0, 10, 10, 11):
        assert all_same([planes(clean.get_frame(n))], [expected[n]])


@streams
def test_many_in_flight(derain, source, expected, num_streams, threads):
    clean = derain(source, num_streams=num_streams, scene_cuts=False)
    assert all_same([planes(f) for f in clean.frames(prefetch=8)], expected)
    order = random.Random(5).sample(range(source.num_frames), source.num_frames)
    futures = [clean.get_frame_async(n) for n in order * 2]
    assert all_same([planes(f.result()) for f in futures], [expected[n] for n in order * 2])


def test_one_filter_asked_by_many_threads(derain, source, expected, threads):
    clean = derain(source, num_streams=3, scene_cuts=False)
    wrong: list[int] = []

    def ask(seed: int) -> None:
        for n in random.Random(seed).sample(range(source.num_frames), source.num_frames):
            if not all_same([planes(clean.get_frame(n))], [expected[n]]):
                wrong.append(n)

    workers = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


@streams
def test_each_frame_is_fetched_and_encoded_once(derain, monkeypatch, num_streams, threads):
    fetched: Counter[int] = Counter()
    encoded = []
    encode = AboveMinimum.encode
    monkeypatch.setattr(
        AboveMinimum, "encode", lambda self, packed: encoded.append(1) or encode(self, packed)
    )
    noise = noise_clip(vs.YUV420P8, length=40)

    def count(n, f):
        fetched[n] += 1
        return f

    clean = derain(noise.std.ModifyFrame(noise, count), num_streams=num_streams)
    assert sum(1 for _ in clean.frames()) == 40
    assert set(fetched.values()) == {1}
    # Of several threads one may be held up until its frames are gone; without a cache it would be 200.
    assert 40 <= len(encoded) <= (40 if num_streams == 1 else 50)


def test_two_filters_in_one_script(derain, source, expected):
    once = derain(source, scene_cuts=False)
    twice = derain(once, scene_cuts=False)
    both = vs.core.std.StackHorizontal([once, twice])
    assert all_same(pixels(once), expected)
    assert [f.width for f in both.frames()] == [128] * source.num_frames
    assert pixels(twice)[10][0].mean() < expected[10][0].mean()
