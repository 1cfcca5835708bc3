"""Little memory changes no pixel: frames in bands are what whole frames are, through the whole engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from engine_support import YUV420P8, all_same, blend, clip, consensus, descriptor, open_session
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from vsrrg.backends.banded import Banded, BandedFeatures
from vsrrg.engine import Derainer
from vsrrg.engine.crew import OneAtATime
from vsrrg.hooks.resolve import find_model
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg.video import ColorSpec, Frame, PixelFormat

SMALL = RRGNetConfig(half=8, quarter=12, eighth=16, presence=True, picture=8)


@cache
def rrgnet(precision: Any = "fp32") -> Any:
    """A session whose network sees rain nearly everywhere, in pictures too."""

    def load() -> RRGNet:
        torch.manual_seed(0)
        network = RRGNet(SMALL)
        with torch.no_grad():
            network.decoder.rain.weight.mul_(20)
            network.decoder.climate.excite.weight.normal_(std=0.1)
            for part in (network.decoder, network.picture):
                part.rain.weight.mul_(3)
            network.decoder.presence.vote.bias.fill_(9.0)
            network.picture.presence.bias.fill_(9.0)
        return network

    return open_session(descriptor(load, multiple=4), precision)


@contextmanager
def short_of_memory(free: int = 1) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vsrrg.engine.budget.free_memory", lambda device: free)
        yield


def derained(session: Any, frames: list[Frame], free: int, how: str = "stream") -> list[Frame]:
    with short_of_memory(free):
        # The number of torch's threads may show in the last bits of this small network.
        derainer = Derainer(session, crew=OneAtATime())
        if how == "stream":
            return list(derainer.stream(frames))
        order = sorted(range(len(frames)), key=lambda n: n * 7 % 5)
        found = {n: derainer.frame(n, frames.__getitem__, len(frames)) for n in order}
    return [found[n] for n in range(len(frames))]


def far(a: list[Frame], b: list[Frame]) -> int:
    """The largest difference, in codes."""
    return max(
        int(np.abs(x.astype(int) - y.astype(int)).max())
        for one, other in zip(a, b, strict=True)
        for x, y in zip(one.planes, other.planes, strict=True)
    )


@settings(max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.sampled_from([(512, 470), (387, 600), (641, 489), (1030, 450)]),
    st.sampled_from(
        [
            YUV420P8,
            PixelFormat("yuv", 10, sub_w=1),
            PixelFormat("gray", 16),
            PixelFormat("rgb", 8),
            PixelFormat("yuv", 32, "float"),
        ]
    ),
    st.sampled_from(["stream", "frame"]),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.integers(0, 9),
)
def test_the_same_bits_in_fp32(size, fmt, how, held, seed):
    """Of any size and format, in any order, with pictures that are held, at cuts and at the ends."""
    width, height = size
    color = ColorSpec.guess(fmt, width, height)
    frames = clip([0, 0, 0, 1], fmt=fmt, color=color, width=width, height=height, seed=seed)
    for n, same in enumerate(held, 1):
        if same:
            frames[n] = replace(frames[n], planes=frames[n - 1].planes)
    session = rrgnet()
    whole = derained(session, frames, 1 << 40)
    assert session.stays_whole(height // 8 * 4, width // 8 * 4)
    assert not all_same(whole, frames)
    assert all_same(derained(session, frames, 1, how), whole)
    assert not session.stays_whole(height // 8 * 4, width // 8 * 4)


def test_a_single_picture_has_the_same_bits():
    session, frames = rrgnet(), clip([0], width=512, height=522)
    whole = derained(session, frames, 1 << 40)
    assert not all_same(whole, frames)
    assert all_same(derained(session, frames, 1), whole)


@pytest.mark.parametrize("name", ["general", "fast"])
def test_bf16_stays_within_one_code_on_moving_footage(name):
    from vsrrg.bench.footage import footage

    frames = footage(None, 520, 386, YUV420P8, 5)
    session = open_session(find_model(name), "bf16")
    whole = derained(session, frames, 1 << 40)
    assert not all_same(whole, frames)
    assert far(derained(session, frames, 1), whole) <= 1


@pytest.mark.parametrize("radius", [0, 2])
@pytest.mark.parametrize("model", [blend, consensus], ids=lambda model: model.__name__)
@pytest.mark.parametrize("multiple", [2, 24])
def test_models_of_others_are_cut_where_their_reach_is_known(radius, model, multiple):
    descriptor = model(radius)
    object.__setattr__(descriptor, "multiple", multiple)
    session, frames = open_session(descriptor), clip([0, 0, 1, 1], width=516, height=702)
    whole = derained(session, frames, 1 << 40)
    assert (not all_same(whole, frames)) or (model is consensus and radius == 0)
    assert all_same(derained(session, frames, 1), whole)
    assert not session.stays_whole(360, 264)


def test_a_reach_that_is_too_short_would_show():
    """What the test above would miss if bands were not cut at all."""
    network = Banded(blend(1).load(), halo=0, multiple=2)
    with short_of_memory():
        session = open_session(blend(1))
        Derainer(session).push(clip([0], width=516, height=702)[0])
    network.memory = session.memory
    frames = torch.rand(1, 3, 6, 352, 258, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        cut = network.forward(frames)
        network.memory = None
        assert not torch.equal(cut, network.forward(frames))


def test_bands_may_change_between_a_frame_and_its_window():
    """As they do after memory ran out."""
    frames = torch.rand(3, 1, 6, 352, 258, generator=torch.Generator().manual_seed(0))
    session = open_session(blend(1))
    expected = session.fuse([session.encode(frame) for frame in frames])
    with short_of_memory():
        Derainer(session).push(clip([0], width=516, height=702)[0])
    little = session.memory
    first = session.encode(frames[0])
    assert isinstance(first, BandedFeatures) and len(first.spans) > 3
    for more in (None, replace(little, bytes=2 * 2048 * 258 * 150)):
        session.memory = more
        rest = [session.encode(frame) for frame in frames[1:]]
        assert torch.equal(session.fuse([first, *rest]), expected)
        session.memory = little
        assert torch.equal(session.fuse([first, *rest]), expected)
