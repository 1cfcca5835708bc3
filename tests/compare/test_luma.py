"""One scale for the luma of all formats."""

from __future__ import annotations

import av
import numpy as np
import pytest

from vsrrg.compare.luma import luma

STEPS = np.tile(np.repeat(np.linspace(0, 255, 32).astype(np.uint8), 2), (16, 1))
GRAY = np.stack([STEPS] * 3, axis=-1)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("yuv420p", 0.6),
        ("yuvj420p", 0.6),
        ("yuv422p10le", 0.2),
        ("p010le", 0.2),
        ("nv12", 0.6),
        ("gbrp", 0.01),
        ("rgb24", 0.01),
    ],
)
def test_gray_steps_have_their_codes(name: str, tolerance: float) -> None:
    frame = av.VideoFrame.from_ndarray(GRAY, format="rgb24")
    full = name.startswith(("yuvj", "gbr", "rgb"))
    found = luma(frame.reformat(format=name, dst_color_range=2 if full else 1))
    assert found.dtype == np.float32 and found.shape == (16, 64)
    assert np.abs(found - (16 + 219 / 255 * STEPS)).max() <= tolerance


@pytest.mark.parametrize(
    ("name", "samples", "codes"),
    [
        ("gray", STEPS, 16 + 219 / 255 * STEPS),
        ("gray16le", STEPS.astype(np.uint16) * 257, 16 + 219 / 255 * STEPS),
        ("gbrp16le", GRAY.astype(np.uint16) * 257, 16 + 219 / 255 * STEPS),
        ("gbrpf32le", GRAY.astype(np.float32) / 255, 16 + 219 / 255 * STEPS),
    ],
)
def test_depths(name: str, samples: np.ndarray, codes: np.ndarray) -> None:
    assert np.abs(luma(av.VideoFrame.from_ndarray(samples, format=name)) - codes).max() < 0.01


def test_colours_weigh_as_in_bt709() -> None:
    image = np.zeros((2, 6, 3), np.uint8)
    image[:, :2, 0] = image[:, 2:4, 1] = image[:, 4:, 2] = 255
    found = luma(av.VideoFrame.from_ndarray(image, format="rgb24"))
    assert found[0, ::2] == pytest.approx([16 + 219 * w for w in (0.2126, 0.7152, 0.0722)], abs=1e-3)
