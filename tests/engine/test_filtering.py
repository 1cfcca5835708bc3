"""Filters among the engine's steps: the same pixels however frames are asked for, and who is to blame."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Lock

import numpy as np
import pytest
import torch
from engine_support import (
    YUV420P8,
    CountingSession,
    all_same,
    blend,
    clip,
    consensus,
    descriptor,
    open_session,
    plain,
    same,
    windows,
)
from fake_cuda import FakeCuda, read_by_host

from vsrrg.backends.cuda_graph import GraphSession, captured
from vsrrg.engine import Derainer, FrameFilter
from vsrrg.engine.crew import Threads
from vsrrg.engine.cuda_lane import CudaLane
from vsrrg.engine.filtering import FilteredPipeline
from vsrrg.engine.lane import Lanes, PlainLane
from vsrrg.engine.pipeline import Pipeline
from vsrrg.errors import PluginError
from vsrrg.kernels import as_tensor, composite, pack
from vsrrg.video import PixelFormat

CPU = torch.device("cpu")
SHOTS = [0] * 5 + [1] * 4
MASK = np.linspace(0, 1, 48 * 64, dtype=np.float32).reshape(48, 64)


class Ahead(PlainLane):
    """Results are read later, as on a GPU."""

    ahead = 1


def mirrored(frame):
    """The network sees the frame upside down."""
    return replace(frame, planes=tuple(plane[::-1] for plane in frame.planes))


def tempered(layer, view):
    """Less rain the darker the window is."""
    return layer * float(np.mean([frame.planes[0].mean() for frame in view.frames])) / view.format.peak


def bounded(layer, view):
    return layer.clamp(-0.02, 0.02)


def stamped(clean, view):
    """The corner of every frame of the window, side by side in that of the clean one."""
    luma = clean.planes[0].copy()
    for i, frame in enumerate((view.source, *view.frames)):
        luma[:2, 2 * i : 2 * i + 2] = frame.planes[0][-2:, :2]
    return replace(clean, planes=(luma, *clean.planes[1:]))


FILTERS = [
    FrameFilter(before=mirrored, rain=tempered),
    FrameFilter(rain=bounded, after=stamped),
]


def by_hand(session, frames, strength=1.0):
    """What filters promise, without any engine."""
    radius, results = session.descriptor.radius, []
    seen = [mirrored(frame) for frame in frames]
    for n, window in enumerate(windows(SHOTS, radius)):
        frame = frames[n]
        planes = [as_tensor(plane) for plane in frame.planes]
        packed = [pack(list(map(as_tensor, seen[i].planes)), frame.format, frame.color) for i in window]
        with torch.inference_mode():
            layer = session.network(torch.stack(packed)[None])[0]
        dark = np.mean([seen[i].planes[0].mean() for i in window]) / frame.format.peak
        layer = (layer * float(dark)).clamp(-0.02, 0.02)
        clean = composite(planes, layer, frame.format, frame.color, strength=strength)
        corners = [frame, *(seen[i] for i in window)]
        for i, corner in enumerate(corners):
            clean[0][:2, 2 * i : 2 * i + 2] = as_tensor(corner.planes[0][-2:, :2].copy())
        results.append(replace(frame, planes=tuple(plane.numpy() for plane in clean)))
    return results


def scattered(derainer, frames, threads=1, **options):
    order = list(range(len(frames)))
    random.Random(1).shuffle(order)

    def ask(n):
        return derainer.frame(n, frames.__getitem__, len(frames), **options)

    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(order, pool.map(ask, order), strict=True))
    return [found[n] for n in range(len(frames))]


@pytest.mark.parametrize(
    "fmt", [YUV420P8, PixelFormat("gray", 12), PixelFormat("rgb", 8), PixelFormat("yuv", 16)], ids=str
)
def test_streams_random_access_threads_and_crews_do_what_the_filters_say(fmt):
    session, frames = open_session(blend(2)), clip(SHOTS, fmt=fmt)
    expected = by_hand(session, frames)
    assert not all_same(expected, plain(session, frames, windows(SHOTS, 2)))
    assert all_same(list(Derainer(session, filters=FILTERS).stream(frames)), expected)
    assert all_same(scattered(Derainer(session, filters=FILTERS), frames), expected)
    assert all_same(scattered(Derainer(session, filters=FILTERS), frames, threads=4), expected)
    crew = Derainer(session, filters=FILTERS, crew=Threads(3, 1))
    assert all_same(list(crew.stream(frames)), expected)
    assert all_same(scattered(crew, frames, threads=4), expected)


def test_a_lane_that_runs_ahead_gives_the_same_pixels():
    session, frames = open_session(blend(2)), clip(SHOTS)
    derainer = Derainer(session, filters=FILTERS, lanes=Lanes(lambda: Ahead(CPU)))
    expected = by_hand(session, frames)
    assert all_same(list(derainer.stream(frames)), expected)
    assert all_same(scattered(derainer, frames, threads=4), expected)


@pytest.mark.parametrize("graphs", [False, True])
def test_cuda_streams_have_no_race_and_the_same_pixels(graphs):
    plain_session, frames = open_session(blend(2)), clip(SHOTS)
    expected = by_hand(plain_session, frames)
    with FakeCuda() as cuda:
        session = GraphSession(plain_session, cuda=cuda) if graphs else plain_session
        derainer = Derainer(session, filters=FILTERS, lanes=Lanes(partial(CudaLane, CPU, cuda=cuda)))
        for _ in range(2):
            got = list(derainer.stream(frames))
            got += [derainer.frame(n, frames.__getitem__, len(frames)) for n in range(len(frames))[::-1]]
            for frame in got:
                read_by_host(frame)
            assert all_same(got, expected + expected[::-1])
    assert any(graph.replays for graph in cuda.graphs) == graphs


@pytest.mark.needs_cuda
@pytest.mark.parametrize("graphs", [False, True])
def test_on_a_gpu_filters_work_on_its_memory_and_nothing_waits(graphs):
    session = open_session(blend(2), "fp16", "cuda")
    session = captured(session) if graphs else session
    places = set()

    def halved(layer, view):
        places.add((layer.device.type, layer.dtype))
        return layer / 2

    frames = clip([0] * 40, width=320, height=180)
    derainer = Derainer(session, filters=[FrameFilter(before=mirrored, rain=halved, after=stamped)])
    torch.cuda.set_sync_debug_mode("error")
    try:
        got = [one for frame in frames for one in derainer.push(frame)] + derainer.flush()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert places == {("cuda", torch.float32)}
    assert all_same(got, scattered(derainer, frames, threads=4))


@pytest.mark.parametrize("size", [(63, 47), (5, 7), (1, 1)])
def test_odd_sizes(size):
    session, frames = open_session(blend(1)), clip(SHOTS, width=size[0], height=size[1])
    shapes = set()

    def noted(layer, view):
        shapes.add(tuple(layer.shape))
        return layer + 0.1

    derainer = Derainer(session, filters=[FrameFilter(rain=noted)])
    got = list(derainer.stream(frames))
    assert shapes == {(6, -(-size[1] // 2), -(-size[0] // 2))}
    assert all_same(scattered(derainer, frames), got)
    assert not all_same(got, list(Derainer(session).stream(frames)))


def test_masks_and_strengths_are_applied_to_what_filters_return():
    session, frames = open_session(blend(2)), clip(SHOTS)
    seen = []
    look = FrameFilter(rain=lambda layer, view: seen.append(view.strength) or layer)
    derainer = Derainer(session, filters=[*FILTERS, look], strength=0.25)
    assert all_same(list(derainer.stream(frames)), by_hand(session, frames, 0.25))
    assert seen == [0.25] * 9
    masked = scattered(derainer, frames, strength=MASK)
    assert all_same(masked, by_hand(session, frames, torch.from_numpy(MASK)))
    assert np.array_equal(seen[-1], MASK) and not seen[-1].flags.writeable


def test_where_no_rain_is_found_the_source_stays_whatever_the_network_saw():
    class Nothing(torch.nn.Module):
        def encode(self, packed):
            return packed.clone()

        def fuse(self, window):
            return torch.zeros_like(window[0])

    session, frames = open_session(descriptor(Nothing, radius=1)), clip(SHOTS)
    seen = FrameFilter(before=mirrored, rain=tempered)
    assert all_same(list(Derainer(session, filters=[seen]).stream(frames)), frames)


@pytest.mark.parametrize("strength", [0, np.zeros((48, 64), np.float32)], ids=["number", "mask"])
@pytest.mark.parametrize("output", ["clean", "rain"])
def test_at_strength_0_no_filter_is_asked(strength, output):
    def fail(*_):
        raise AssertionError("asked")

    session, frames = CountingSession(blend(2)), clip(SHOTS)
    filtered = Derainer(session, filters=[FrameFilter(before=fail, rain=fail, after=fail)], output=output)
    bare = Derainer(session, output=output)
    for n, frame in enumerate(frames):
        want = bare.frame(n, frames.__getitem__, len(frames), strength=strength)
        assert same(filtered.frame(n, frames.__getitem__, len(frames), strength=strength), want)
        filtered.push(frame, strength=strength)
    assert len(filtered.flush()) <= len(frames)
    assert session.encoded == 0


def test_the_rain_shown_is_that_which_filters_left():
    session, frames = open_session(blend(2)), clip(SHOTS)
    after = FrameFilter(after=lambda clean, view: 1 / 0)
    quarter = FrameFilter(rain=lambda layer, view: layer * 0.25)
    shown = list(Derainer(session, filters=[quarter, after], output="rain").stream(frames))
    assert all_same(shown, list(Derainer(session, strength=0.25, output="rain").stream(frames)))


def test_filters_work_in_the_order_given():
    session, frames = open_session(blend(2)), clip(SHOTS)
    first = FrameFilter(rain=lambda layer, view: layer + 0.1)
    second = FrameFilter(rain=lambda layer, view: torch.full_like(layer, 0.2) - layer)
    both = FrameFilter(rain=lambda layer, view: torch.full_like(layer, 0.2) - (layer + 0.1))
    got = list(Derainer(session, filters=[first, second]).stream(frames))
    assert all_same(got, list(Derainer(session, filters=[both]).stream(frames)))
    assert not all_same(got, list(Derainer(session, filters=[second, first]).stream(frames)))


def test_each_step_is_taken_once_a_frame_and_sees_its_window():
    session, frames = open_session(consensus(2)), clip(SHOTS)
    calls, lock = {"before": [], "rain": [], "after": []}, Lock()

    def note(step, frame):
        with lock:
            calls[step].append(frame.pts // 10)

    def look(step):
        def step_of(made, view):
            assert [frame.pts // 10 for frame in view.frames] == windows(SHOTS, 2)[view.source.pts // 10]
            note(step, view.source)
            return made

        return step_of

    def before(frame):
        note("before", frame)
        return frame

    filters = [FrameFilter(before=before, rain=look("rain"), after=look("after"))]
    assert all_same(
        list(Derainer(session, filters=filters).stream(frames)), list(Derainer(session).stream(frames))
    )
    assert {step: sorted(numbers) for step, numbers in calls.items()} == {
        step: list(range(len(SHOTS))) for step in calls
    }
    derainer = Derainer(session, filters=filters)
    for n in range(len(frames)):
        derainer.frame(n, frames.__getitem__, len(frames))
    assert sorted(calls["before"]) == sorted(2 * list(range(len(SHOTS))))


@pytest.mark.parametrize("lookahead", [0, 1])
def test_live_they_see_no_more_of_the_future_than_the_network(lookahead):
    session, frames, seen = open_session(blend(2)), clip(SHOTS), {}

    def look(layer, view):
        seen.setdefault(view.source.pts // 10, [frame.pts // 10 for frame in view.frames])
        return layer / 2

    live = Derainer(session, filters=[FrameFilter(rain=look, after=stamped)], lookahead=lookahead)
    got = list(live.stream(frames))
    assert [seen[n] for n in range(len(SHOTS))] == windows(SHOTS, 2, lookahead)
    assert all_same(scattered(live, frames), got)


def test_after_a_failure_the_next_frames_are_right():
    session, frames = open_session(blend(2)), clip(SHOTS)

    def moody(layer, view):
        if view.source.pts == 40 and moody.bad:
            raise KeyError("snow")
        return layer / 2

    derainer = Derainer(session, filters=[FrameFilter(rain=moody)])
    for moody.bad in (True, False):
        if moody.bad:
            with pytest.raises(PluginError, match="a filter failed in rain: KeyError: 'snow'"):
                list(derainer.stream(frames))
            with pytest.raises(PluginError, match="KeyError"):
                derainer.frame(4, frames.__getitem__, 9)
    expected = list(Derainer(session, strength=0.5).stream(frames))
    assert all_same(list(derainer.stream(frames)), expected)
    assert all_same(scattered(derainer, frames, threads=4), expected)


def test_a_filter_that_runs_out_of_memory_gets_another_chance(monkeypatch):
    # Two frames of less than 16 MB with half the memory: the budget must be known for that.
    monkeypatch.setattr("vsrrg.engine.budget.free_memory", lambda device: 1 << 40)
    session, frames = open_session(blend(1)), clip(SHOTS)
    tries = []

    def hungry(layer, view):
        tries.append(session.memory.bytes)
        if len(tries) < 3:
            raise RuntimeError("CUDA out of memory")
        return layer / 2

    got = list(Derainer(session, filters=[FrameFilter(rain=hungry)]).stream(frames))
    assert all_same(got, list(Derainer(session, strength=0.5).stream(frames)))
    assert tries[0] > 1.9 * tries[1] > 3.6 * tries[2]


def test_bands_change_no_pixel(monkeypatch):
    session, frames = open_session(blend(2)), clip([0, 0, 1], width=516, height=702)
    options = {"filters": FILTERS}
    whole = list(Derainer(session, **options).stream(frames))
    monkeypatch.setattr("vsrrg.engine.budget.free_memory", lambda device: 1)
    derainer = Derainer(session, **options)
    assert all_same(list(derainer.stream(frames)), whole)
    assert not session.stays_whole(352, 258)
    assert all_same(scattered(derainer, frames), whole)


def test_without_filters_there_are_the_plain_steps():
    session = open_session(blend(1))
    assert type(Derainer(session)._pipeline) is Pipeline
    assert type(Derainer(session, filters=FILTERS)._pipeline) is FilteredPipeline
