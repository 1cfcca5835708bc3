"""The order of copies and computation, on streams that only pretend to be a GPU's."""

from functools import partial

import numpy as np
import pytest
import torch
from engine_support import CountingSession, all_same, blend, clip, open_session, same
from fake_cuda import Event, FakeCuda, Race, Stream, read_by_host

from vsrrg.backends.cuda_graph import GraphSession
from vsrrg.engine import Derainer
from vsrrg.engine.cuda_lane import CudaLane
from vsrrg.engine.lane import Lanes, PlainLane, lanes_to
from vsrrg.engine.pipeline import Pipeline

CPU = torch.device("cpu")
SHOTS = [0] * 6 + [1] * 6
HALF = np.full((48, 64), 0.5, np.float32)


class Ahead(PlainLane):
    """Runs ahead as a GPU's lane does, and notes what the session has done when a result is waited for."""

    ahead = 1

    def __init__(self, session, waits):
        super().__init__(CPU)
        self.session, self.waits = session, waits

    def download(self, tensors):
        arrays = super().download(tensors)

        def arrived():
            self.waits.append((len(tensors), self.session.encoded, self.session.fused))
            return arrays()

        return arrived


def on_fake_gpu(session, cuda, **options):
    return Derainer(session, lanes=Lanes(partial(CudaLane, CPU, cuda=cuda)), **options)


@pytest.mark.parametrize("options", [{}, {"scene_cuts": False}, {"output": "rain"}], ids=str)
@pytest.mark.parametrize("radius", [0, 2])
def test_a_stream_on_cuda_streams_has_no_race_and_the_same_pixels(radius, options):
    session, frames = open_session(blend(radius)), clip(SHOTS)
    strengths = [None, 0, HALF, 0.25] * 3
    expected, got = [], []
    plain = Derainer(session, **options)
    for frame, strength in zip(frames, strengths, strict=True):
        expected += plain.push(frame, strength=strength)
    expected += plain.flush()
    with FakeCuda() as cuda:
        derainer = on_fake_gpu(session, cuda, **options)
        for frame, strength in zip(frames, strengths, strict=True):
            got += derainer.push(frame, strength=strength)
        got += derainer.flush()
        for frame in got:
            read_by_host(frame)
    assert all_same(got, expected)


def test_random_access_on_cuda_streams_has_no_race_and_the_same_pixels():
    session, frames = open_session(blend(2)), clip(SHOTS)
    expected = list(Derainer(session).stream(frames))
    with FakeCuda() as cuda:
        derainer = on_fake_gpu(session, cuda)
        for n in (7, 0, 8, 3, 11, 6, 5):
            got = derainer.frame(n, frames.__getitem__, len(frames), strength=None if n % 2 else HALF)
            read_by_host(got)
            if n % 2:
                assert same(got, expected[n])


def test_graphs_on_cuda_streams_have_no_race_and_the_same_pixels():
    session, frames = open_session(blend(2)), clip(SHOTS)
    expected = list(Derainer(session).stream(frames))
    with FakeCuda() as cuda:
        derainer = on_fake_gpu(GraphSession(session, cuda=cuda), cuda)
        for _ in range(2):
            got = list(derainer.stream(frames))
            got += [derainer.frame(n, frames.__getitem__, len(frames)) for n in range(len(frames))[::-1]]
            for frame in got:
                read_by_host(frame)
            assert all_same(got, expected + expected[::-1])
    # Frames and whole windows on both lanes, and the windows at either end of a shot.
    assert sum(graph.replays > 0 for graph in cuda.graphs) >= 4


def across_lanes(cuda):
    """Frames encoded on one lane and rendered on another."""
    session, frames = open_session(blend(1)), clip([0] * 3)
    pipeline = Pipeline(session, output="clean", scene_cuts=True)
    ours, theirs = (CudaLane(CPU, cuda=cuda) for _ in range(2))
    encoded = [pipeline.encode(lane, frame) for lane, frame in zip((ours, theirs, ours), frames, strict=True)]
    assert not pipeline.starts_shot(encoded[0], encoded[1])
    read_by_host(pipeline.render(theirs, frames[1], encoded, 1.0)())


def test_lanes_wait_for_each_other():
    with FakeCuda() as cuda:
        across_lanes(cuda)


@pytest.mark.parametrize(
    ("kind", "wait"), [(Stream, "wait_stream"), (Stream, "wait_event"), (Event, "synchronize")]
)
def test_each_wait_is_needed(monkeypatch, kind, wait):
    monkeypatch.setattr(kind, wait, lambda *_: None)
    with pytest.raises(Race), FakeCuda() as cuda:
        across_lanes(cuda)


def test_a_lane_that_runs_ahead_makes_a_stream_later_but_no_other():
    session, waits = CountingSession(blend(2)), []
    frames = clip(SHOTS)
    derainer = Derainer(session, lanes=Lanes(lambda: Ahead(session, waits)))
    got = []
    for t, frame in enumerate(frames):
        waits.clear()
        out = derainer.push(frame)
        got += out
        assert [f.pts for f in out] == [10 * (t - 4)] * (t >= 4)
        # Nothing is waited for before the newest frame is encoded, nor a picture before the next is rendered.
        assert all(encoded == t + 1 for _, encoded, _ in waits)
        assert [fused for planes, _, fused in waits if planes == 3] == [t - 2] * (t >= 4)
    assert [f.pts for f in derainer.flush()[-4:]] == [80, 90, 100, 110]
    assert (session.encoded, session.fused) == (12, 12)
    assert all_same(got, list(Derainer(session).stream(frames))[:8])


def test_the_newest_frame_is_not_looked_at_for_cuts():
    session = CountingSession(blend(2))
    seen, frames = [], clip([0] * 12)

    class Looked(Ahead):
        def download(self, tensors):
            arrays, number = PlainLane.download(self, tensors), session.encoded
            signature = len(tensors) == 1 and tensors[0].ndim > 0  # A layer's sum is a single number.
            return lambda: (seen.append(number) if signature else None) or arrays()

    derainer = Derainer(session, lanes=Lanes(lambda: Looked(session, [])))
    for t, frame in enumerate(frames):
        seen.clear()
        derainer.push(frame)
        assert max(seen, default=-1) == (t - 1 if t > 2 else -1)


def test_ahead_of_frames_that_stay_as_they_are_nothing_is_encoded():
    session = CountingSession(blend(2))
    derainer, frames = Derainer(session, lanes=Lanes(lambda: Ahead(session, []))), clip(SHOTS)
    got = [f for frame in frames for f in derainer.push(frame, strength=0)] + derainer.flush()
    assert all_same(got, frames)
    assert session.encoded == 0


def test_a_stream_abandoned_ahead_leaves_nothing_behind():
    session, frames = CountingSession(blend(1)), clip([0] * 9)
    derainer = Derainer(session, lanes=Lanes(lambda: Ahead(session, [])))
    stream = derainer.stream(frames)
    next(stream)
    stream.close()
    assert derainer.flush() == []
    assert all_same(list(derainer.stream(frames)), list(Derainer(session).stream(frames)))


def test_after_an_error_the_lane_is_drained_and_used_again():
    class Drained(PlainLane):
        drains = 0

        def drain(self):
            Drained.drains += 1

    made = []

    def new():
        made.append(Drained(CPU))
        return made[-1]

    session, frames = CountingSession(blend(1)), clip([0] * 5)
    derainer = Derainer(session, lanes=Lanes(new))
    expected = list(Derainer(session).stream(frames))
    session.fail = True
    with pytest.raises(RuntimeError, match="out of memory"):
        derainer.frame(2, frames.__getitem__, 5)
    session.fail = False
    assert Drained.drains == 1
    assert same(derainer.frame(2, frames.__getitem__, 5), expected[2])
    assert (Drained.drains, len(made)) == (1, 2)  # One is the stream's.


def test_lanes_come_back_when_a_derainer_is_gone():
    made = []
    lanes = Lanes(lambda: made.append(PlainLane(CPU)) or made[-1])
    for _ in range(3):
        Derainer(open_session(blend(1)), lanes=lanes)
    assert len(made) == 1
    assert lanes_to(CPU) is lanes_to(torch.device("cpu"))


def test_the_cpu_copies_nothing():
    frame = clip([0])[0]
    lane = PlainLane(CPU)
    planes = lane.upload(frame.planes)
    assert [p.data_ptr() for p in planes] == [p.ctypes.data for p in frame.planes]
    assert [a.ctypes.data for a in lane.download(planes)()] == [p.ctypes.data for p in frame.planes]
