"""What holds for every kind of frames."""

import inspect
import subprocess
import sys
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import av
import numpy as np
import pytest
import torch
from engine_support import all_same, clip
from frames_support import SHOTS, arrays, full_range, same, tensors

import vsrrg
from vsrrg.engine import FrameFilter, Options
from vsrrg.errors import FormatError, ModelError, OptionError


@pytest.fixture
def given():
    return arrays(full_range(SHOTS))


def test_the_public_names():
    for name in vsrrg.__all__:
        assert getattr(vsrrg, name) is not None
    with pytest.raises(AttributeError, match="'vsrrg' has no attribute 'dederain'"):
        vsrrg.dederain  # noqa: B018


def test_libraries_are_not_imported_for_others():
    code = "import sys, vsrrg; vsrrg.Derainer, vsrrg.Frame; assert not {'torch', 'av'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_push_and_flush_give_what_a_stream_gives(derain, derainer, given):
    expected = list(derain(given))
    one = derainer()
    for _ in range(2):
        got, ready = [], []
        for frame in given:
            got += one.push(frame)
            ready.append(len(got))
        assert ready == [max(0, n + 1 - one.lag) for n in range(len(given))]
        assert same(got + one.flush(), expected)
    assert one.flush() == [] and one.radius == 2 <= one.lag


def test_live_each_push_returns_its_own_frame(derain, derainer, given):
    one = derainer(lookahead=0)
    assert one.lag == 0
    got = []
    for frame in given:
        (clean,) = one.push(frame)
        got.append(clean)
    assert same(got, list(derain(given, lookahead=0)))
    assert not same(got, list(derain(given)))


def test_random_access_by_threads(derain, derainer, given):
    one, expected = derainer(), list(derain(given))
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda n: one.frame(n, given.__getitem__, len(given)), range(len(given))))
    assert same(got, expected)
    with pytest.raises(OptionError, match="frame 9 does not exist"):
        one.frame(9, given.__getitem__, 9)
    torchcodec = pytest.importorskip("torchcodec")
    pair = torchcodec.FrameBatch(torch.zeros(2, 3, 8, 8), torch.zeros(2), torch.zeros(2))
    with pytest.raises(FormatError, match="frame 0 is a batch of 2 frames: fetch single frames"):
        derainer().frame(0, lambda n: pair, 2)


def test_frames_of_vsrrg_keep_what_they_carry(derain):
    frames = [replace(frame, origin=object(), cut=n == 2) for n, frame in enumerate(clip([0] * 4))]
    got = list(derain(frames))
    assert [frame.origin for frame in got] == [frame.origin for frame in frames]
    assert [(frame.pts, frame.cut) for frame in got] == [(10 * n, n == 2) for n in range(4)]
    assert all_same(list(derain(frames, strength=0)), frames)


def test_strength_of_one_frame(derain, derainer, given):
    one, mask = derainer(lookahead=0), np.zeros((48, 64))
    mask[:, 32:] = 1
    live = list(derain(given, lookahead=0))
    assert same(one.push(given[0], strength=0), given[:1])
    (half,) = one.push(given[1], strength=mask)
    assert np.array_equal(half[:, :32], given[1][:, :32]) and np.array_equal(half[:, 32:], live[1][:, 32:])


def test_iterators_are_drawn_from_as_needed_and_nothing_is_kept(derain):
    drawn, alive = 0, []

    def source():
        nonlocal drawn
        for n in range(40):
            drawn += 1
            frame = np.full((8, 8), n, np.uint8)
            alive.append(weakref.ref(frame))
            yield frame

    clean = derain(source())
    assert drawn == 0
    for n, _ in enumerate(clean):
        assert drawn <= n + 12
        assert sum(ref() is not None for ref in alive) <= 16
        if n == 25:
            break
    clean.close()
    del clean
    # A thread that is at work on a frame lets go of it when that is done.
    patience = time.monotonic() + 5
    while any(ref() is not None for ref in alive) and time.monotonic() < patience:
        time.sleep(0.01)
    assert not any(ref() is not None for ref in alive)


def test_filters_see_frames_and_keep_their_origin(derain, given):
    def brighter(frame, view):
        planes = tuple(255 - plane for plane in frame.planes)
        return replace(frame, planes=planes, origin=None)

    filters = [FrameFilter(name="invert", after=brighter)]
    expected = [255 - clean for clean in derain(given)]
    assert same(list(derain(given, filters=filters)), expected)
    got = [tensor.permute(1, 2, 0).numpy() for tensor in derain(tensors(given), filters=filters)]
    assert same(got, expected)


def test_options_are_refused_at_once(derain):
    with pytest.raises(OptionError, match="strength must be"):
        derain([], strength=7)
    with pytest.raises(OptionError, match="lookahead must be"):
        derain([], lookahead=-1)
    with pytest.raises(OptionError, match=r"no option 'stength': did you mean 'strength'\?"):
        derain([], stength=1)


def test_an_unknown_model_is_refused_at_once(monkeypatch):
    monkeypatch.undo()
    with pytest.raises(ModelError, match="no model named 'wet'"):
        vsrrg.derain_frames([], model="wet")


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (lambda a: torch.from_numpy(a), "began with numpy arrays cannot go on with torch tensors"),
        (lambda a: av.VideoFrame(64, 48), "cannot go on with PyAV video frames: convert them, or flush"),
        (lambda a: a[:-2], "frame 1 is 64x46 rgb8, but frame 0 is 64x48 rgb8"),
        (lambda a: a.astype(np.uint16), "frame 1 is 64x48 rgb16, but frame 0"),
        (lambda a: a[..., 0], "frame 1 is 64x48 gray8"),
        (lambda a: a.tolist(), "vsrrg derains .* and PyAV video frames, not 'list' objects: convert"),
    ],
)
def test_what_does_not_fit_is_left_out_and_the_clip_goes_on(derain, derainer, given, other, says):
    one = derainer()
    got = one.push(given[0])
    with pytest.raises(FormatError, match=says):
        one.push(other(given[1]))
    for frame in given[1:]:
        got += one.push(frame)
    assert same(got + one.flush(), list(derain(given)))


def test_after_flush_another_kind_may_come(derainer, given):
    one = derainer()
    one.push(given[0])
    assert len(one.flush()) == 1
    one.push(torch.from_numpy(given[0][..., 0]))
    (clean,) = one.flush()
    assert isinstance(clean, torch.Tensor)
    list(one.stream(given[:2]))
    assert isinstance(next(one.stream(tensors(given[:1]))), torch.Tensor)


def test_a_first_frame_that_is_refused_says_nothing_of_the_clip(derain, derainer, given):
    one = derainer()
    with pytest.raises(OptionError, match="strength must be a number"):
        one.push(given[0], strength=7)
    got = []
    for tensor in tensors(given):
        got += one.push(tensor)
    assert same([clean.permute(1, 2, 0).numpy() for clean in got + one.flush()], list(derain(given)))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 1), np.uint8),
        torch.zeros(8, 8, 3),
        torch.zeros(8, 8, 4),
    ],
)
def test_pictures_that_cannot_be_derained_do_not_pass_for_clips_either(derain, picture):
    with pytest.raises(OptionError, match="this is one frame, or one batch"):
        derain(picture)
    with pytest.raises(FormatError, match="drop its alpha channel"):
        list(derain([picture]))


def test_clips_do_not_get_into_each_other(derain, derainer, given):
    one, expected = derainer(), list(derain(given))
    first, second = one.stream(given), one.stream(given)
    got = [next(first)]
    for other in (lambda: next(second), lambda: one.push(given[0])):
        with pytest.raises(FormatError, match="in the midst of another clip: take one for each clip"):
            other()
    assert same(got + list(first), expected)
    one.push(given[0])
    with pytest.raises(FormatError, match="in the midst of another clip"):
        list(one.stream(given))
    assert len(one.flush()) == 1
    left = one.stream(given)
    next(left)
    left.close()
    assert same(list(one.stream(given)), expected)


def test_a_file_name_is_no_clip(derain):
    with pytest.raises(OptionError, match="that gives frames, not a 'str' object"):
        derain("rain.mp4")


def test_strengths_may_be_of_numpy_or_torch(derainer, given):
    mask = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(48, 64)
    made = []
    for strength in (mask, torch.from_numpy(mask), 0.5, np.float32(0.5), np.float64(0.5)):
        one = derainer(lookahead=0)
        made.append([clean for frame in given[:3] for clean in one.push(frame, strength=strength)])
    assert same(made[0], made[1]) and same(made[2], made[3]) and same(made[2], made[4])
    assert not same(made[0], made[2])
    with pytest.raises(FormatError, match=r"mask must be \(48, 64\) \(rows, cols\), but is \(64, 48\)"):
        derainer().push(given[0], strength=torch.from_numpy(mask.T.copy()))


@pytest.mark.parametrize("one", [np.zeros((8, 8, 3), np.uint8), torch.zeros(3, 8, 8), av.VideoFrame(8, 8)])
def test_a_single_frame_is_no_clip(derain, one):
    with pytest.raises(OptionError, match=r"put it into a list, such as derain_frames\(\[frame\]\)"):
        derain(one)
    assert len(list(derain([one]))) == 1


def test_a_clip_in_one_array_is_a_clip(derain, given):
    assert same(list(derain(np.stack(given))), list(derain(given)))
    with pytest.raises(OptionError, match="something to iterate over that gives frames, not a 'int'"):
        derain(5)


def test_a_batch_whose_frames_failed_does_not_come_out(derainer, monkeypatch):
    torchcodec = pytest.importorskip("torchcodec")
    data = torch.randint(0, 255, (6, 3, 32, 32), dtype=torch.uint8)
    one, times = derainer(lookahead=0), torch.zeros(2)
    push = one._engine.push
    calls = 0

    def broken(frame, *, strength):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise RuntimeError("the GPU is gone")
        return push(frame, strength=strength)

    monkeypatch.setattr(one._engine, "push", broken)
    first, second, third = (torchcodec.FrameBatch(part, times, times) for part in data.split(2))
    assert len(one.push(first)) == 1
    with pytest.raises(RuntimeError, match="the GPU is gone"):
        one.push(second)
    (clean,) = one.push(third)
    assert clean.data.shape == (2, 3, 32, 32)
    assert one.flush() == []


def test_editors_show_the_options_of_every_derain_function():
    options = {one.name: one.default for one in fields(Options)}
    for function in (vsrrg.derain, vsrrg.derain_frames, vsrrg.Derainer):
        parameters = inspect.signature(function).parameters.values()
        shown = {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}
        assert shown == options
        assert function.__doc__


def test_names_that_are_none_are_refused():
    with pytest.raises(AttributeError, match="module 'vsrrg' has no attribute 'derian'"):
        getattr(vsrrg, "derian")  # noqa: B009 - type checkers refuse it, too
