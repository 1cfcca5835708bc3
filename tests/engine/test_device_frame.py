"""Frames that are on the device and stay there: on the CPU, and on streams that pretend to be a GPU's."""

import random
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from engine_support import YUV420P8, all_same, blend, clip, open_session
from fake_cuda import Event, FakeCuda, Race, Stream

from vsrrg.engine import Derainer, DeviceFrame, FrameFilter
from vsrrg.engine.cuda_lane import CudaLane
from vsrrg.engine.lane import Lanes
from vsrrg.engine.picture import DevicePicture, fingerprint
from vsrrg.errors import FormatError
from vsrrg.models.registry import builtin_models
from vsrrg.video import Frame, PixelFormat

CPU = torch.device("cpu")
SHOTS = [0] * 6 + [1] * 6
HALF = np.full((48, 64), 0.5, np.float32)


def on_device(frame: Frame, device="cpu") -> DeviceFrame:
    """The frame with tensors that are made now, by the stream that is current."""
    planes = tuple(torch.from_numpy(plane).to(device).clone() for plane in frame.planes)
    return DeviceFrame(planes, frame.format, frame.color, frame.pts, frame.cut, frame.origin)


def in_memory(frame: DeviceFrame) -> Frame:
    """The frame as arrays, once the stream that is current has read it."""
    assert type(frame) is DeviceFrame
    planes = tuple(plane.clone().cpu().numpy() for plane in frame.planes)
    return Frame(planes, frame.format, frame.color, frame.pts, frame.cut, frame.origin)


def on_fake_gpu(session, cuda, **options):
    return Derainer(session, lanes=Lanes(partial(CudaLane, CPU, cuda=cuda)), **options)


@pytest.mark.parametrize("fmt", [YUV420P8, PixelFormat("yuv", 10, sub_w=1), PixelFormat("rgb", 32, "float")])
@pytest.mark.parametrize("options", [{}, {"output": "rain"}, {"lookahead": 0, "scene_cuts": False}], ids=str)
def test_the_same_pixels_as_from_main_memory(fmt, options):
    session = open_session(blend(2))
    frames = [replace(frame, origin=n) for n, frame in enumerate(clip(SHOTS, fmt=fmt))]
    expected = list(Derainer(session, **options).stream(frames))
    devices = [on_device(frame) for frame in frames]
    got = list(Derainer(session, **options).stream(devices))
    assert all_same([in_memory(frame) for frame in got], expected)
    assert [frame.origin for frame in got] == list(range(12))
    derainer = Derainer(session, **options)
    for n in random.Random(1).sample(range(12), 12):
        got[n] = derainer.frame(n, devices.__getitem__, 12)
    assert all_same([in_memory(frame) for frame in got], expected)


@pytest.mark.parametrize("lookahead", [None, 0])
@pytest.mark.parametrize("output", ["clean", "rain"])
def test_streams_wait_for_the_callers_and_hand_over_to_it(lookahead, output):
    session, frames = open_session(blend(2)), clip(SHOTS)
    strengths = [None, 0, HALF, 0.25] * 3
    plain = Derainer(session, lookahead=lookahead, output=output)
    expected = [
        f for frame, s in zip(frames, strengths, strict=True) for f in plain.push(frame, strength=s)
    ] + plain.flush()
    with FakeCuda() as cuda:
        derainer, got = on_fake_gpu(session, cuda, lookahead=lookahead, output=output), []
        for frame, strength in zip(frames, strengths, strict=True):
            with cuda.stream(cuda.Stream()):
                got += [in_memory(f) for f in derainer.push(on_device(frame), strength=strength)]
        with cuda.stream(cuda.Stream()):
            got += [in_memory(frame) for frame in derainer.flush()]
    assert all_same(got, expected)


def test_random_access_waits_for_the_callers_stream_and_hands_over_to_it():
    session, frames = open_session(blend(2)), clip(SHOTS)
    expected = list(Derainer(session).stream(frames))
    with FakeCuda() as cuda:
        derainer = on_fake_gpu(session, cuda)
        with cuda.stream(cuda.Stream()):
            devices = [on_device(frame) for frame in frames]
            for n in (7, 0, 8, 3, 11, 6, 5):
                got = in_memory(derainer.frame(n, devices.__getitem__, 12))
                assert all_same([got], [expected[n]])


@pytest.mark.parametrize(
    ("kind", "wait"), [(Stream, "wait_stream"), (Stream, "wait_event"), (Event, "record")]
)
def test_each_wait_is_needed(monkeypatch, kind, wait):
    session, frames = open_session(blend(1)), clip([0] * 4)
    monkeypatch.setattr(kind, wait, lambda *_: None)
    with pytest.raises(Race), FakeCuda() as cuda:
        derainer = on_fake_gpu(session, cuda, scene_cuts=False)
        for frame in frames:
            with cuda.stream(cuda.Stream()):
                for clean in derainer.push(on_device(frame)):
                    in_memory(clean)


def test_held_pictures_are_known():
    """What shows one picture is left to the part for pictures, as if it came from main memory."""
    (model,) = (model for model in builtin_models() if model.name == "fast")
    session = open_session(model)
    frames = clip([0] * 5, noise=0.3)
    held = [frames[0]] * 2 + [frames[3], *frames[3:4] * 3]
    expected = list(Derainer(session).stream(held))
    got = list(Derainer(session).stream([on_device(frame) for frame in held]))
    assert all_same([in_memory(frame) for frame in got], expected)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.float16, torch.float32], ids=str)
def test_fingerprints_tell_pictures_apart(dtype, monkeypatch):
    monkeypatch.setattr("vsrrg.engine.picture.AT_ONCE", 100)
    random = torch.Generator().manual_seed(1)
    plane = torch.randint(0, 250, (9, 40), generator=random).to(dtype)
    bits = plane.view({1: torch.uint8, 2: torch.int16, 4: torch.int32}[plane.element_size()])
    seen = [fingerprint([plane, plane]), fingerprint([plane[:, :1], plane]), fingerprint([plane])]
    for row, column in ((0, 0), (0, 39), (8, 0), (8, 39), (4, 20)):
        changed = bits.clone()
        changed[row, column] ^= 1
        seen += [fingerprint([plane, changed.view(dtype)]), fingerprint([changed.view(dtype), plane])]
    seen += [fingerprint([plane.flip(0), plane]), fingerprint([plane, plane.flip(1)])]
    assert len({int(number) for number in seen}) == len(seen)
    strided = torch.stack([plane] * 3, -1)[..., 1]
    one, same = (DevicePicture(lambda p=p: [fingerprint([p]).numpy()]) for p in (plane, strided))
    assert one == same and hash(one) == hash(same) and one != 1


def test_what_is_no_frame():
    frame = on_device(clip([0])[0])
    with pytest.raises(FormatError, match=r"plane 1 of a 64x48 yuv420p8 frame must be \(24, 32\)"):
        replace(frame, planes=frame.planes[:1] * 3)
    with pytest.raises(FormatError, match=r"must be torch.uint8, but plane 0 holds torch.float32"):
        replace(frame, planes=tuple(plane.float() for plane in frame.planes))


def test_planes_on_another_device():
    frame = on_device(clip([0])[0])
    elsewhere = replace(frame, planes=tuple(plane.to("meta") for plane in frame.planes))
    session = open_session(blend(0))
    with FakeCuda() as cuda:
        for derainer in (Derainer(session), on_fake_gpu(session, cuda)):
            with pytest.raises(
                FormatError, match=r"planes are on meta, and frames are derained on cpu: move"
            ):
                derainer.push(elsewhere)
            assert derainer.flush() == []


def test_filters_need_main_memory():
    filters = [FrameFilter(name="dim", after=lambda frame, view: frame)]
    derainer = Derainer(open_session(blend(0)), filters=filters, lookahead=0)
    with pytest.raises(FormatError, match=r"filters look at frames in main memory, .* this one are on cpu"):
        derainer.push(on_device(clip([0])[0]))


@pytest.mark.needs_cuda
def test_on_a_gpu():
    frames = clip(SHOTS, width=150, height=94)
    session = open_session(blend(2), device="cuda")
    expected = list(Derainer(session).stream(frames))
    derainer, got, mine = Derainer(session), [], torch.cuda.Stream()
    with torch.cuda.stream(mine):
        for frame in frames:
            got += derainer.push(on_device(frame, "cuda"))
        got += derainer.flush()
        assert all(plane.is_cuda for frame in got for plane in frame.planes)
        assert all_same([in_memory(frame) for frame in got], expected)
        devices = [on_device(frame, "cuda") for frame in frames]
        for n in (7, 0, 8, 3, 11):
            assert all_same([in_memory(derainer.frame(n, devices.__getitem__, 12))], [expected[n]])


@pytest.mark.needs_cuda
def test_the_host_never_waits_on_a_gpu():
    frames = [on_device(frame, "cuda") for frame in clip([0] * 60, width=320, height=180)]
    derainer = Derainer(open_session(blend(2), "fp16", "cuda"))
    for frame in frames[:30]:
        derainer.push(frame)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for frame in frames[30:]:
            derainer.push(frame)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    derainer.flush()
