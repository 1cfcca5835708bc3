"""The reader of y4m: a header of text, and frames that it says the size of."""

from __future__ import annotations

import contextlib
import io
from itertools import islice

from vsrrg.errors import VsrrgError
from vsrrg.ffmpeg.pipe import derain_pipe

FRAMES = 3


def target(data: bytes) -> None:
    """Through the pipe, which writes again what it reads."""
    with contextlib.suppress(VsrrgError):
        derain_pipe(io.BytesIO(data), io.BytesIO(), lambda frames: islice(iter(frames), FRAMES), format="y4m")


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """Whole streams of several kinds, and headers that promise too much."""
    made = []
    for header, size in (
        (b"W4 H2 F25:1 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=FULL", 12),
        (b"W3 H3 F30000:1001 Ip C444p10", 54),
        (b"W2 H2 F25:1 I? Cmono", 4),
        (b"W2 H2 F25:1 Cmono16", 8),
        (b"W5 H1 C411", 9),
        (b"W2 H2 It C422", 8),
        (b"W2 H2 C444alpha", 16),
        (b"W99999999 H99999999 C420", 10),
        (b"W0 H0 C420", 0),
    ):
        frame = b"FRAME Ip\n" + bytes(range(size))
        made.append(b"YUV4MPEG2 " + header + b"\n" + 2 * frame)
    return made
