"""Filters that do not keep to the rules stop the job, and are named."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from engine_support import blend, clip, open_session

from vsrrg.engine import Derainer, FrameFilter
from vsrrg.engine.crew import Threads
from vsrrg.engine.lane import Lanes, PlainLane
from vsrrg.errors import PluginError
from vsrrg.video import PixelFormat

CPU = torch.device("cpu")
SHOTS = [0] * 5 + [1] * 4
NAMED = "filter 'bad' of plugin snow"
GOOD = FrameFilter(rain=lambda layer, view: layer / 2)


class Ahead(PlainLane):
    """Results are read later, as on a GPU."""

    ahead = 1


def writes(frame):
    frame.planes[0][:] = 0
    return frame


def writes_to_the_view(layer, view):
    return writes(view.frames[0])


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({"before": lambda frame: 1 / 0}, "failed in before: ZeroDivisionError: division by zero"),
        ({"before": lambda frame: None}, "returned from before a NoneType instead of a Frame"),
        (
            {"before": lambda frame: clip([0], width=32)[0]},
            r"returned from before a frame that is 32x48 yuv420p8 \(bt709, limited\), pts 0, cut None "
            r"instead of 64x48 yuv420p8 \(bt709, limited\), pts 0, cut None",
        ),
        ({"before": lambda frame: replace(frame, pts=3)}, r"is 64x48 .* pts 3, .* instead of 64x48 .* pts 0"),
        ({"before": lambda frame: replace(frame, planes=())}, r"failed in before: yuv420p8 has 3 planes"),
        ({"before": writes}, "failed in before: ValueError: assignment destination is read-only"),
        ({"rain": writes_to_the_view}, "failed in rain: ValueError: assignment destination is read-only"),
        ({"rain": lambda layer, view: layer.numpy()}, "returned from rain a ndarray instead of a tensor"),
        (
            {"rain": lambda layer, view: layer[:4]},
            r"returned from rain a layer that is torch.float32 \(4, 24, 32\) on cpu instead of "
            r"torch.float32 \(6, 24, 32\) on cpu",
        ),
        ({"rain": lambda layer, view: layer.half()}, r"is torch.float16 .* instead of torch.float32"),
        ({"rain": lambda layer, view: layer.to("meta")}, r"on meta instead of .* on cpu"),
        ({"rain": lambda layer, view: layer / 0}, "returned from rain a layer that is not finite"),
        ({"rain": lambda layer, view: sys.exit(0)}, "failed in rain: SystemExit: 0"),
        ({"after": lambda clean, view: view}, "returned from after a View instead of a Frame"),
        ({"after": lambda clean, view: replace(clean, cut=True)}, "cut True instead of .* cut None"),
        ({"after": lambda clean, view: writes(clean)}, "failed in after: ValueError: assignment destination"),
    ],
)
@pytest.mark.parametrize("lane", [PlainLane, Ahead])
def test_what_does_not_fit_stops_the_job_and_names_the_filter(steps, message, lane):
    session, frames = open_session(blend(2)), clip(SHOTS)
    options = {"filters": [GOOD, FrameFilter(name=NAMED, **steps)], "lanes": Lanes(lambda: lane(CPU))}
    for crew in (None, Threads(2, 1)):
        with pytest.raises(PluginError, match=f"^{NAMED} .*{message}.*; leave it out, or update it$"):
            list(Derainer(session, crew=crew, **options).stream(frames))
    with pytest.raises(PluginError, match=message):
        Derainer(session, **options).frame(0, frames.__getitem__, 9)


@pytest.mark.parametrize("step", ["before", "after"])
def test_samples_that_are_not_finite_come_from_the_source_alone(step):
    session, frames = open_session(blend(2)), clip(SHOTS, fmt=PixelFormat("gray", 32, "float"))
    spoilt = [replace(frame, planes=(frame.planes[0] * np.float32("inf"),)) for frame in frames]

    def spoil(frame, view=None):
        return replace(frame, planes=spoilt[0].planes)

    bad = [FrameFilter(name=NAMED, **{step: spoil})]
    with pytest.raises(PluginError, match=f"^{NAMED} returned from {step} a frame that is not finite; leave"):
        list(Derainer(session, filters=bad).stream(frames))
    assert len(list(Derainer(session, filters=bad).stream(spoilt))) == len(SHOTS)
