"""The consensus against its definition, alone and through the engine, and its promises as a model."""

from __future__ import annotations

import numpy as np
import torch
from vsrrg_consensus import vsrrg_models
from vsrrg_consensus.network import Consensus

from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.testing import ModelSuite, PluginSuite
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

GRAY = PixelFormat("gray", 8)
YUV = PixelFormat("yuv", 8, sub_w=1, sub_h=1)


def test_luma_rain_is_what_lies_above_the_median_of_three() -> None:
    window = torch.rand(2, 3, 6, 5, 7)
    x, median = window[:, 1], window.median(dim=1).values

    rain = Consensus()(window)

    assert torch.equal(rain[:, :4], (x - torch.minimum(x, median))[:, :4])
    assert (rain[:, :4] > 0).any() and (rain[:, :4] == 0).any()


def test_chroma_follows_the_median_only_where_luma_has_rain() -> None:
    window = torch.rand(1, 3, 6, 16, 16)
    window[:, 1, :4, :, :8] = 0  # darker than its neighbours: no rain in the left half
    window[:, 1, 0, :, 8:] = 2  # rain in one of the four luma phases of the right half
    above = window[:, 1] - window.median(dim=1).values

    chroma = Consensus()(window)[:, 4:]

    assert torch.equal(chroma[..., :8], torch.zeros(1, 2, 16, 8))
    assert torch.equal(chroma[..., 8:], above[:, 4:, :, 8:])
    assert (above[:, 4:, :, :8] != 0).any()


class TestPlugin(PluginSuite):
    plugin = "vsrrg_consensus"


class TestModel(ModelSuite):
    model = vsrrg_models()[0]


def gray(samples: np.ndarray) -> Frame:
    return Frame((samples,), GRAY, ColorSpec.guess(GRAY, samples.shape[1], samples.shape[0]))


def test_engine_gives_the_minimum_of_frame_and_median_to_the_code_value() -> None:
    rng = np.random.default_rng(3)
    still = rng.integers(30, 180, (9, 13), dtype=np.uint8)
    planes = [still.copy() for _ in range(6)]
    for n, plane in enumerate(planes):
        plane[:, n] += 50  # a streak that is elsewhere in every frame
    derainer = create_derainer(Options(model="consensus", device="cpu", scene_cuts=False))

    clean = [frame.planes[0] for frame in derainer.stream(gray(plane) for plane in planes)]

    # At the ends the one neighbour stands on both sides.
    assert all(np.array_equal(plane, still) for plane in clean)


def test_engine_leaves_a_still_colour_clip_bit_identical() -> None:
    rng = np.random.default_rng(4)
    shapes = [YUV.plane_shape(p, 14, 10) for p in range(3)]
    planes = tuple(rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes)
    frame = Frame(planes, YUV, ColorSpec.guess(YUV, 14, 10))
    derainer = create_derainer(Options(model="consensus", device="cpu"))

    for clean in derainer.stream([frame] * 4):
        assert all(np.array_equal(a, b) for a, b in zip(clean.planes, planes, strict=True))
