"""The page's video: every frame for itself, at its time, and what coding cost."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from vsrrg.compare.panels import MARGIN, Layout
from vsrrg.compare.video import Encoder

TO = Layout(64, 48)
TIMES = [Fraction(n, 24) + Fraction(n > 3, 12) for n in range(8)]


def planes(n: int) -> tuple[np.ndarray, ...]:
    """Noise with a level of its own."""
    width, height = (2 * length for length in TO.cell)
    noise = np.random.default_rng(n).integers(0, 30, (height, width))
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    return (noise + 40 + 20 * n).astype(np.uint8), grey, grey


def panel(luma: np.ndarray, column: int) -> np.ndarray:
    left = MARGIN + column * TO.cell[0]
    return luma[MARGIN : MARGIN + 48, left : left + 64]


def test_frames_times_and_the_error_of_coding() -> None:
    encoder = Encoder(TO, Fraction(24))
    sizes = []
    for n, time in enumerate(TIMES):
        luma, *_ = made = planes(n)
        encoder.add(made, {"rainy": panel(luma, 0), "derained": panel(luma, 1)}, time)
        sizes.append(encoder.size)
    done = encoder.finish()
    assert sizes == sorted(sizes) and sizes[-1] < 1.3 * len(done.data)

    with av.open(io.BytesIO(done.data)) as container:
        (stream,) = container.streams
        frames = list(container.decode(stream))
        assert stream.codec_context.name == "h264" and stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.duration * stream.time_base) == pytest.approx(
            float(TIMES[-1] + Fraction(1, 24)), abs=1e-3
        )
    assert [frame.time for frame in frames] == pytest.approx([float(time) for time in TIMES], abs=1e-4)
    assert all(frame.key_frame for frame in frames)
    assert {(frame.colorspace, frame.color_range) for frame in frames} == {(1, 1)}
    errors = []
    for n, frame in enumerate(frames):
        rows = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
        lost = [panel(rows, i).astype(float) - panel(planes(n)[0], i) for i in range(2)]
        errors.append(np.mean(np.square(lost)))
        assert abs(np.mean(lost)) < 1
    assert done.error == pytest.approx(np.sqrt(np.mean(errors)), rel=1e-4)
    assert 0.3 < done.error < 4
