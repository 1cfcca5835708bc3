"""Clips and a model for the VapourSynth tests; scripts that vspipe runs import it too."""

from __future__ import annotations

import numpy as np
import vapoursynth as vs

from vsrrg.hooks import resolve
from vsrrg.hooks.manager import Offer
from vsrrg.models.base import ModelDescriptor
from vsrrg.testing.stand_ins import AboveMinimum

RADIUS = 2
MODEL = "window-minimum"

Planes = list[np.ndarray]


DESCRIPTOR = ModelDescriptor(
    name=MODEL,
    description="minimum of the window",
    radius=RADIUS,
    multiple=1,
    halo=0,
    load=lambda: AboveMinimum().eval(),
)
_model_offer = resolve.model_offer


def model_offer(name: str) -> Offer[ModelDescriptor]:
    """What the registry finds, and the tests' model."""
    return Offer("", DESCRIPTOR) if name == MODEL else _model_offer(name)


def register_model() -> None:
    resolve.model_offer = model_offer


def noise_clip(
    fmt: int,
    *,
    length: int = 8,
    width: int = 32,
    height: int = 24,
    scene: int = 0,
    seed: int = 0,
    low: float = 0.2,
    high: float = 0.8,
) -> vs.VideoNode:
    """A still picture (`scene`) under noise of `seed` and the frame's number, in low..high of the peak."""
    blank = vs.core.std.BlankClip(
        format=fmt, length=length, width=width, height=height, fpsnum=24000, fpsden=1001
    )

    def draw(n: int, f: vs.VideoFrame) -> vs.VideoFrame:
        frame = f.copy()
        for plane in range(frame.format.num_planes):
            samples = np.asarray(frame[plane])
            still = np.random.default_rng([scene, plane]).uniform(low, high, samples.shape)
            noise = np.random.default_rng([seed, plane, n]).uniform(low, high, samples.shape)
            values = 0.7 * still + 0.3 * noise
            if frame.format.sample_type == vs.INTEGER:
                values *= (1 << frame.format.bits_per_sample) - 1
            elif plane and frame.format.color_family == vs.YUV:
                values -= 0.5
            samples[...] = values.astype(samples.dtype)
        return frame

    return blank.std.ModifyFrame(blank, draw)


def planes(frame: vs.VideoFrame) -> Planes:
    return [np.array(frame[plane]) for plane in range(frame.format.num_planes)]


def pixels(clip: vs.VideoNode) -> list[Planes]:
    """All planes of all frames, asked for one after the other."""
    return [planes(clip.get_frame(n)) for n in range(clip.num_frames)]


def same(a: Planes, b: Planes) -> bool:
    return len(a) == len(b) and all(
        x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a, b, strict=True)
    )


def all_same(a: list[Planes], b: list[Planes]) -> bool:
    return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
