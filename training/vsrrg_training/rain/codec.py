"""Clips through video codecs, in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import torch
from torch import Tensor

from vsrrg_training.rain.draw import uniform

_RATE = 25


@dataclass(frozen=True)
class Codec:
    """An encoder, its container and the range of its quality."""

    name: str
    container: str
    share: float
    """How often it is drawn, relative to the others."""
    quality: tuple[float, float]
    options: Callable[[int], dict[str, str]]
    """The encoder's options for a quality."""
    pixels: str = "yuv420p"
    smallest: int = 16
    """Pixels that either side must have."""


CODECS = (
    Codec("libx264", "mp4", 0.7, (14, 28), lambda q: {"crf": str(q), "preset": "superfast"}),
    Codec(
        "libx265",
        "mp4",
        0.12,
        (16, 30),
        # Threads and information lines are the encoder's own habits, off here; with B-frames it gives the
        # packets of very short clips no timestamps.
        lambda q: {
            "crf": str(q),
            "preset": "ultrafast",
            "x265-params": "log-level=none:pools=none:frame-threads=1:wpp=0:bframes=0",
        },
        # Below 56 pixels the encoder writes past its buffers.
        smallest=64,
    ),
    Codec("mpeg4", "mp4", 0.09, (2, 8), lambda q: {"qmin": str(q), "qmax": str(q)}),
    Codec("mjpeg", "matroska", 0.09, (2, 9), lambda q: {"qmin": str(q), "qmax": str(q)}, "yuvj420p"),
)


def draw_codec(generator: torch.Generator) -> tuple[Codec, int]:
    """A codec by its share, and a quality."""
    at = uniform(generator, 0.0, sum(codec.share for codec in CODECS))
    for codec in CODECS:
        at -= codec.share
        if at < 0:
            break
    return codec, round(uniform(generator, *codec.quality))


def compress(clip: Tensor, codec: Codec, quality: int) -> Tensor:
    """The clip (T, 3, H, W) in 0..1 after a codec, through 8-bit 4:2:0; an odd last row or column stays.

    Raises ValueError for clips smaller than the codec bears.
    """
    frames, _, height, width = clip.shape
    if min(height, width) < codec.smallest:
        raise ValueError(f"{codec.name} takes {codec.smallest} pixels or more, not {width}x{height}")
    even_h, even_w = height - height % 2, width - width % 2
    arrays = (clip * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    stored = io.BytesIO()
    with av.open(stored, "w", format=codec.container) as container:
        stream = container.add_stream(codec.name, rate=_RATE, options=codec.options(quality))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = even_w, even_h, codec.pixels
        stream.thread_count = 1
        for t, array in enumerate(arrays):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array[:even_h, :even_w]), format="rgb24")
            frame.pts, frame.time_base = t, Fraction(1, _RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    stored.seek(0)
    with av.open(stored, "r") as source:
        decoded = np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])
    result = clip.clone()
    result[:, :, :even_h, :even_w] = torch.from_numpy(decoded[:frames]).permute(0, 3, 1, 2).to(clip) / 255
    return result
