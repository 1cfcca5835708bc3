"""The demo clip through the engine, as with torch, in any format; video without rain comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from onnx_support import codes_apart, demo

from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.testing.clips import footage
from vsrrg.video import ColorSpec, Frame, PixelFormat

FORMATS = [
    PixelFormat("yuv", 8, sub_w=1, sub_h=1),
    PixelFormat("yuv", 10, sub_w=1),
    PixelFormat("gray", 16),
    PixelFormat("rgb", 8),
]


def derained(clip: list[Frame], backend: str) -> Iterator[Frame]:
    return create_derainer(Options(model="fast", backend=backend, device="cpu", precision="fp32")).stream(
        clip
    )


def test_the_demo_clip_is_within_a_code_value() -> None:
    clip = demo(14)
    clean = list(derained(clip, "torch"))
    apart = codes_apart(list(derained(clip, "onnxruntime")), clean)
    assert apart.max() <= 1 and (apart > 0).mean() < 1e-4
    assert (codes_apart(clip, clean) > 8).mean() > 0.05


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: str(fmt.name))
def test_any_format(fmt: PixelFormat) -> None:
    clip = footage(5, 70, 51, fmt)
    apart = codes_apart(list(derained(clip, "onnxruntime")), list(derained(clip, "torch")))
    # What is red, green and blue is put together from three.
    limit = (1 << max(0, fmt.bits - 8)) * (3 if fmt.family == "rgb" else 1)
    assert apart.max() <= limit and (apart > limit / 4).mean() < 1e-3


def test_video_without_rain_comes_back_bit_for_bit() -> None:
    moving = footage(6, 96, 64, rainy=False)
    held = [replace(moving[0], pts=frame.pts) for frame in moving]
    for clip in (moving, held):
        assert codes_apart(clip, list(derained(clip, "torch"))).max() == 0
        for frame, clean in zip(clip, derained(clip, "onnxruntime"), strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(frame.planes, clean.planes, strict=True))


def test_a_held_picture_is_that_of_torch() -> None:
    clip = demo(1) * 5
    apart = codes_apart(list(derained(clip, "onnxruntime")), list(derained(clip, "torch")))
    assert apart.max() <= 1


def test_backends_agree_on_what_the_default_precision_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vsrrg.engine.device._cpu_has_bf16_units", lambda: True)
    clip = [Frame((np.zeros((16, 16), np.uint8),), PixelFormat("gray", 8), ColorSpec("bt709", "limited"))] * 3
    derainer = create_derainer(Options(model="fast", backend="onnxruntime", device="cpu"))
    assert len(list(derainer.stream(clip))) == 3
