"""A small RRGNet from a weight file, as a user would give one: untrained, but with all its parts at work."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

import numpy as np
import pytest
import torch
import vapoursynth as vs
from vs_support import all_same, noise_clip, pixels, planes

from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg.models.weights import save_weights
from vsrrg.vapoursynth import derain as derain_clip


@pytest.fixture(scope="module")
def derain(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., vs.VideoNode]:
    config = RRGNetConfig(half=8, quarter=8, eighth=8, eighth_blocks=1, refine_blocks=1)
    torch.manual_seed(0)
    network = RRGNet(config)
    generator = torch.Generator().manual_seed(1)
    state = {
        name: value + 0.05 * torch.randn(value.shape, generator=generator)
        if value.is_floating_point()
        else value
        for name, value in network.state_dict().items()
    }
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_weights(path, state, config=asdict(config), name="small", version="1", card={})
    return partial(derain_clip, model=str(path), device="cpu")


@pytest.mark.parametrize(("precision", "num_streams"), [("fp32", 3), ("bf16", 1)])
def test_any_order_and_many_at_once(derain, source, num_streams, precision):
    source = source[:7]
    expected = pixels(derain(source, precision=precision))
    assert not all_same(expected, pixels(source))
    clean = derain(source, precision=precision, num_streams=num_streams)
    order = random.Random(1).sample(range(7), 7)
    futures = [clean.get_frame_async(n) for n in order]
    assert all_same([planes(f.result()) for f in futures], [expected[n] for n in order])
    again = derain(source, precision=precision, num_streams=num_streams)
    assert all_same([planes(again.get_frame(n)) for n in reversed(range(7))], expected[::-1])


@pytest.mark.parametrize(
    "fmt",
    [
        vs.GRAY8,
        vs.GRAYH,
        vs.RGB24,
        vs.RGBS,
        vs.YUV420P8,
        vs.YUV420P10,
        vs.YUV422P12,
        vs.YUV444P16,
        vs.YUV444PS,
    ],
    ids=lambda fmt: vs.core.get_video_format(fmt).name,
)
def test_formats(derain, fmt):
    clip = noise_clip(fmt, length=3)
    clean = derain(clip, precision="fp32")
    assert clean.format.id == fmt
    before, after = planes(clip.get_frame(1)), planes(clean.get_frame(1))
    assert [(p.dtype, p.shape) for p in before] == [(p.dtype, p.shape) for p in after]
    assert all(np.any(a != b) for a, b in zip(after, before, strict=True))
    assert all(np.isfinite(plane.astype(np.float64)).all() for plane in after)
    assert all_same(pixels(derain(clip, strength=0)), pixels(clip))


def test_tiny_and_odd_sizes(derain):
    for width, height in ((1, 1), (3, 5), (67, 41)):
        clip = noise_clip(vs.RGB24, length=2, width=width, height=height)
        (frame,) = derain(clip, precision="fp32")[1].frames()
        assert (frame.width, frame.height) == (width, height)
