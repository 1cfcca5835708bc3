"""Words of the shell: amounts of memory, times, sizes, filters, ffmpeg's options, and what ffmpeg answers."""

from __future__ import annotations

import contextlib

import click

from vsrrg.bench.choices import parse_format
from vsrrg.cli.memory import Bytes
from vsrrg.cli.pipe import _Size
from vsrrg.cli.times import Time
from vsrrg.errors import VsrrgError
from vsrrg.ffmpeg.binary import parse_version
from vsrrg.ffmpeg.inspection import parse_showinfo, working_pix_fmt
from vsrrg.ffmpeg.process import telling_line
from vsrrg.ffmpeg.words import parse_ffmpeg_args
from vsrrg.hooks.filters import make_filters

PARSERS = (
    lambda text: Bytes().convert(text, None, None),
    lambda text: Time().convert(text, None, None),
    lambda text: Time(positive=True).convert(text, None, None),
    lambda text: _Size().convert(text, None, None),
    parse_ffmpeg_args,
    lambda text: make_filters([text]),
    parse_format,
    working_pix_fmt,
    parse_showinfo,
    parse_version,
    lambda text: telling_line(text.splitlines()),
)


def target(data: bytes) -> None:
    """The first byte chooses the parser."""
    if not data:
        return
    with contextlib.suppress(VsrrgError, click.BadParameter):
        PARSERS[data[0] % len(PARSERS)](data[1:].decode("utf-8", "surrogateescape"))


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """Words that are right, and such as are too long or too large."""
    showinfo = (
        "[Parsed_showinfo_0 @ 0x1] config in time_base: 1/24, frame_rate: 24/1\n"
        "[Parsed_showinfo_0 @ 0x1] n:   0 pts:      0 pts_time:0 duration:1 fmt:yuv420p cl:left sar:1/1 "
        "s:64x48 i:P iskey:1 type:I color_range:tv color_space:bt709 color_primaries:bt709 color_trc:bt709\n"
    )
    words = [
        (0, "1.5GiB"), (0, "9" * 500 + "T"), (1, "1:02:03.5"), (1, "9" * 5000), (2, "0.0"), (3, "1280x720"),
        (3, "9" * 5000 + "x1"), (4, "-c:a aac -b:a '192 k' -an"), (5, "mask:left=8,top=8"), (6, "yuv420p8"),
        (7, "yuyv422"), (8, showinfo), (8, showinfo.replace("1/24", "1/0")), (9, "ffmpeg version n7.1.2 C"),
        (9, "ffmpeg version " + "9" * 5000 + ".1"), (10, "[h264 @ 0x1] no frame!\nConversion failed!"),
    ]  # fmt: skip
    return [bytes([parser]) + text.encode() for parser, text in words]
