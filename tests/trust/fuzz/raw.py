"""Raw video: the options that say what it is, as the shell takes them, and the frames."""

from __future__ import annotations

import io
from itertools import islice

import click

from vsrrg.cli.pipe import _Size
from vsrrg.errors import VsrrgError
from vsrrg.ffmpeg.pipe import derain_pipe

FRAMES = 3


def target(data: bytes) -> None:
    """The size and the pixel format are the first two words."""
    size, _, rest = data.partition(b" ")
    name, _, samples = rest.partition(b" ")
    try:
        width_height = _Size().convert(size.decode("latin-1"), None, None)
        derain_pipe(
            io.BytesIO(samples),
            io.BytesIO(),
            lambda frames: islice(iter(frames), FRAMES),
            format="raw",
            size=width_height,
            pix_fmt=name.decode("latin-1"),
        )
    except (VsrrgError, click.BadParameter):
        pass


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """Some formats, and a size that is too large."""
    return [
        b"4x2 yuv420p " + bytes(range(12)),
        b"3x3 gbrpf32le " + bytes(108),
        b"2x2 p010be " + bytes(12),
        b"5x1 rgb48le " + bytes(30),
        b"999999999x999999999 gray " + bytes(10),
    ]
