"""The engine on a GPU. What of it needs none is in `test_lane.py` and `tests/backends/test_cuda_graph.py`."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from engine_support import YUV420P8, all_same, blend, clip, open_session

from vsrrg.backends.cuda_graph import captured
from vsrrg.engine import Derainer
from vsrrg.engine.device import choose_precision
from vsrrg.video import PixelFormat

pytestmark = pytest.mark.needs_cuda

SHOTS = [0] * 14 + [1] * 9 + [2]


@pytest.fixture(autouse=True)
def whole_floats():
    """Convolutions in fp32 as the CPU computes them."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32 = before


def scattered(derainer, frames, threads=1):
    order = list(range(len(frames)))
    random.Random(1).shuffle(order)
    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(order, pool.map(lambda n: ask(derainer, frames, n), order), strict=True))
    return [found[n] for n in range(len(frames))]


def ask(derainer, frames, n):
    return derainer.frame(n, frames.__getitem__, len(frames))


def session(device="cuda", precision="fp32", graphs=True):
    plain = open_session(blend(2), precision, device)
    return captured(plain) if graphs else plain


def close(a, b, codes=1):
    return all(
        np.abs(x.astype(int) - y.astype(int)).max() <= codes
        for got, want in zip(a, b, strict=True)
        for x, y in zip(got.planes, want.planes, strict=True)
    )


@pytest.mark.parametrize("graphs", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("fmt", [YUV420P8, PixelFormat("yuv", 10, sub_w=1), PixelFormat("rgb", 8)], ids=str)
def test_within_one_code_of_the_cpu(fmt, precision, graphs):
    frames = clip(SHOTS, fmt=fmt, width=150, height=94)
    expected = list(Derainer(session("cpu", graphs=False)).stream(frames))
    derainer = Derainer(session("cuda", precision, graphs))
    codes = 1 << fmt.bits - 8 if precision == "fp16" else 1
    for got in (list(derainer.stream(frames)), scattered(derainer, frames)):
        assert close(got, expected, codes)
        assert [frame.pts for frame in got] == [frame.pts for frame in frames]


@pytest.mark.parametrize("graphs", [False, True])
def test_streams_come_out_two_frames_later_and_are_what_random_access_gives(graphs):
    frames = clip(SHOTS, width=320, height=180)
    derainer = Derainer(session(precision="fp16", graphs=graphs))
    got = []
    for t, frame in enumerate(frames):
        out = derainer.push(frame)
        assert [f.pts for f in out] == [10 * (t - 4)] * (t >= 4)
        got += out
    got += derainer.flush()
    assert all_same(got, scattered(derainer, frames))
    assert all_same(got, list(Derainer(session(precision="fp16", graphs=not graphs)).stream(frames)))


@pytest.mark.parametrize("graphs", [False, True])
def test_eight_threads_get_the_same_pixels(graphs):
    frames = clip([0] * 40 + [1] * 40, width=320, height=180)
    one = session(precision="fp16", graphs=graphs)
    expected = list(Derainer(one).stream(frames))
    assert all_same(scattered(Derainer(one), frames, threads=8), expected)
    with ThreadPoolExecutor(8) as pool:
        derainer = Derainer(one)
        assert all_same(list(pool.map(lambda n: ask(derainer, frames, n), range(len(frames)))), expected)


def test_two_clips_through_one_session_at_once():
    one, sizes = session(), [(320, 180), (150, 94)]
    clips = [clip(SHOTS, width=w, height=h, seed=w) for w, h in sizes]
    expected = [list(Derainer(one).stream(frames)) for frames in clips]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            got = list(pool.map(lambda frames: list(Derainer(one).stream(frames)), clips))
            assert all(all_same(a, b) for a, b in zip(got, expected, strict=True))


@pytest.mark.parametrize("graphs", [False, True])
def test_a_steady_stream_never_synchronizes(graphs):
    frames = clip([0] * 60, width=320, height=180)
    derainer = Derainer(session(precision="fp16", graphs=graphs))
    mask = np.full((180, 320), 0.5, np.float32)
    for frame in frames[:30]:
        derainer.push(frame, strength=mask)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for frame in frames[30:]:
            derainer.push(frame, strength=mask)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    derainer.flush()


def test_an_abandoned_stream_and_failed_frames_disturb_nobody():
    frames = clip(SHOTS, width=320, height=180)
    one = session()
    expected = list(Derainer(one).stream(frames))
    derainer = Derainer(one)

    def broken(i):
        if i == 9:
            raise ConnectionError("the disk is gone")
        return frames[i]

    for _ in range(3):
        stream = derainer.stream(frames)
        next(stream)
        stream.close()
        for n in (8, 11):
            with pytest.raises(ConnectionError):
                derainer.frame(n, broken, len(frames))
    assert all_same(list(derainer.stream(frames)), expected)
    assert all_same(scattered(derainer, frames), expected)


@pytest.mark.parametrize("graphs", [False, True])
def test_out_of_memory_comes_out_as_it_is_and_the_next_frame_works(graphs):
    plain = open_session(blend(2), device="cuda")
    encode = plain.encode
    full = False

    def filling(packed):
        if full:
            torch.empty(1 << 50, dtype=torch.uint8, device="cuda")
        return encode(packed)

    plain.encode = filling
    frames = clip(SHOTS, width=320, height=180)
    derainer = Derainer(captured(plain) if graphs else plain)
    expected = list(Derainer(session()).stream(frames))
    for _ in range(3):
        full = True
        for frame in frames[:4]:
            with pytest.raises(torch.OutOfMemoryError):
                ask(Derainer(plain), frames, frame.pts // 10)
        with pytest.raises(torch.OutOfMemoryError):
            list(derainer.stream(frames))
        full = False
        assert all_same(list(derainer.stream(frames)), expected)


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
@pytest.mark.parametrize("graphs", [False, True])
def test_the_second_gpu_works_while_the_first_is_current(graphs):
    frames = clip(SHOTS, width=320, height=180)
    expected = list(Derainer(session("cpu", graphs=False)).stream(frames))
    derainer = Derainer(session("cuda:1", graphs=graphs))
    before = torch.cuda.memory_allocated(0)
    assert close(list(derainer.stream(frames)), expected)
    assert close(scattered(derainer, frames, threads=4), expected)
    assert torch.cuda.current_device() == 0
    assert torch.cuda.memory_allocated(0) == before


def test_the_default_precision_runs():
    assert choose_precision("cuda", None) == "fp16"
    frames = clip([0] * 3, width=8, height=6)
    assert len(list(Derainer(session(precision="fp16")).stream(frames))) == 3
