"""A session that does what it must not stops the job: who is named, and that no such layer is subtracted."""

from functools import partial

import numpy as np
import pytest
import torch
from engine_support import all_same, clip, consensus, descriptor, open_session
from fake_cuda import FakeCuda

from vsrrg.engine import Derainer, FrameFilter
from vsrrg.engine.cuda_lane import CudaLane
from vsrrg.engine.lane import Lanes
from vsrrg.errors import ModelError, OptionError, OutOfMemoryError, PluginError

CPU = torch.device("cpu")
SNOW = "model 'snow' of plugin snow"


def broken(made, at=3):
    """A session whose `fuse` makes this of a layer from the fourth frame on."""
    session = open_session(consensus(1))
    fuse, seen = session.fuse, []

    def wrong(window):
        seen.append(1)
        layer = fuse(window)
        return made(layer) if len(seen) > at else layer

    session.fuse = wrong
    return session


def failing(error):
    def fail(layer):
        raise error

    return fail


def spoilt(layer, value=float("nan"), dtype=None):
    layer = layer.to(dtype, copy=True)
    layer[0, 5, 0, 1] = value
    return layer


class Panic(BaseException):
    pass


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (failing(ZeroDivisionError("no\nsnow")), "failed in fuse: ZeroDivisionError: no snow;"),
        (failing(SystemExit(0)), "failed in fuse: SystemExit: 0;"),
        (failing(Panic("snow")), "failed in fuse: Panic: snow;"),
        (lambda layer: None, "made a NoneType instead of a layer;"),
        (lambda layer: layer.numpy(), "made a ndarray instead of a layer;"),
        (lambda layer: layer[..., 1:], r"made a layer \(1, 6, 24, 31\) of torch.float32 on cpu instead of "),
        (lambda layer: layer[0], r"made a layer \(6, 24, 32\) .* instead of one \(1, 6, 24, 32\) of floats"),
        (lambda layer: layer.int(), "made a layer .* of torch.int32 on cpu instead of"),
        (lambda layer: layer.to("meta"), "made .* on meta instead of one .* on cpu;"),
        (spoilt, "made a layer that is not finite;"),
        (partial(spoilt, value=float("-inf"), dtype=torch.float16), "made a layer that is not finite;"),
    ],
)
@pytest.mark.parametrize("filters", [(), (FrameFilter(rain=lambda layer, view: layer),)])
def test_who_makes_no_layer_is_named_and_the_frames_before_are_right(made, message, filters):
    frames, came = clip([0] * 8, width=63, height=47), []
    with pytest.raises(PluginError, match=f"^{SNOW} {message}") as raised:
        for frame in Derainer(broken(made), blamed=SNOW, filters=filters).stream(frames):
            came.append(frame)
    assert raised.value.code == "plugin-failed"
    assert came and all_same(came, list(Derainer(broken(made, 99)).stream(frames))[: len(came)])


def test_encode_is_watched_too():
    session = open_session(consensus(1))
    session.encode = failing(IndexError("no such frame"))
    with pytest.raises(PluginError, match=f"{SNOW} failed in encode: IndexError: no such frame; choose"):
        list(Derainer(session, blamed=SNOW).stream(clip([0] * 4)))


def test_on_a_gpu_it_is_known_when_the_frame_comes_out():
    with FakeCuda() as cuda:
        lanes = Lanes(partial(CudaLane, CPU, cuda=cuda))
        with pytest.raises(PluginError, match="made a layer that is not finite"):
            list(Derainer(broken(spoilt), blamed=SNOW, lanes=lanes).stream(clip([0] * 8)))


def test_where_no_plugin_is_to_blame_layers_that_do_not_fit_are_the_models():
    with pytest.raises(ModelError, match=r"^model 'tiny' made a layer that is not finite in torch\.float32"):
        list(Derainer(broken(spoilt)).stream(clip([0] * 8)))
    with pytest.raises(ZeroDivisionError):
        list(Derainer(broken(failing(ZeroDivisionError()))).stream(clip([0] * 8)))


@pytest.mark.parametrize(
    "error", [OptionError("snow-too-cold", "too cold"), OutOfMemoryError("out-of-memory", "no room")]
)
def test_what_is_told_in_words_already_comes_out_as_it_is(error):
    with pytest.raises(type(error)) as raised:
        list(Derainer(broken(failing(error)), blamed=SNOW).stream(clip([0] * 8)))
    assert raised.value is error


def test_large_sums_of_halves_are_finite():
    session = broken(lambda layer: torch.full_like(layer, 60000.0, dtype=torch.float16), 0)
    frames = clip([0] * 4)
    darkest = frames[0].color.range == "limited" and 16
    clean = list(Derainer(session).stream(frames))
    assert {int(frame.planes[0].max()) for frame in clean} <= {0, darkest}


def test_a_filter_that_writes_to_its_layer_harms_nobody_else():
    """The network below hands out what it has encoded."""

    class Bare(torch.nn.Module):
        def encode(self, packed):
            return packed

        def fuse(self, window):
            return window[0]

    def write(layer, view):
        layer *= 0.25
        return layer

    frames = clip([0] * 6)
    session = open_session(descriptor(Bare, radius=1, multiple=1))
    once = [FrameFilter(rain=lambda layer, view: layer * 0.25)]
    expected = list(Derainer(session, filters=once).stream(frames))
    assert all_same(list(Derainer(session, filters=[FrameFilter(rain=write)]).stream(frames)), expected)
    assert np.any(expected[2].planes[0] != frames[2].planes[0])
