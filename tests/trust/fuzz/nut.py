"""The reader of NUT, which PyAV demuxes."""

from __future__ import annotations

import contextlib
import io
from fractions import Fraction
from itertools import islice

import numpy as np

from vsrrg.errors import VsrrgError
from vsrrg.ffmpeg.nut_writer import NutWriter
from vsrrg.ffmpeg.pipe import derain_pipe
from vsrrg.video.color import ColorSpec
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import find_pix_fmt, read_planes

FRAMES = 3


def target(data: bytes) -> None:
    """Through the pipe, which writes again what it reads."""
    with contextlib.suppress(VsrrgError):
        derain_pipe(io.BytesIO(data), io.BytesIO(), lambda frames: islice(iter(frames), FRAMES), format="nut")


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """Streams as vsrrg writes them."""
    made = []
    for name, fourcc in (
        ("yuv420p", b"I420"),
        ("gray", b"Y800"),
        ("yuv422p10le", b"Y3\x0b\x0a"),
        ("gbrp", b"G3\x00\x08"),
    ):
        pix_fmt, file = find_pix_fmt(name), io.BytesIO()
        color = ColorSpec.guess(pix_fmt.format, 6, 4, None, None)
        rates = {"time_base": Fraction(1, 25), "rate": Fraction(25), "aspect": Fraction(4, 3)}
        writer = NutWriter(file, pix_fmt, width=6, height=4, fourcc=fourcc, **rates)
        for n in range(3):
            planes = read_planes(np.full(pix_fmt.frame_bytes(6, 4), n, np.uint8).tobytes(), pix_fmt, 6, 4)
            writer.write(Frame(planes, pix_fmt.format, color, 2 * n))
        writer.close()
        made.append(file.getvalue())
    return made
