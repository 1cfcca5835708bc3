"""The planar format in which a pixel format is derained holds the same samples, by ffmpeg's conversion."""

from __future__ import annotations

import pytest

from tests.ffmpeg.media import ffmpeg
from vsrrg.errors import FormatError
from vsrrg.ffmpeg.inspection import working_pix_fmt
from vsrrg.video.pix_fmts import PIX_FMTS

CONVERTED = [
    "yuyv422",
    "uyvy422",
    "nv12",
    "nv21",
    "nv16",
    "nv24",
    "p010le",
    "p012le",
    "p016le",
    "p210le",
    "p416le",
    "rgb24",
    "bgr24",
    "bgr0",
    "0rgb",
    "rgb48le",
    "bgr48be",
    "x2rgb10le",
    "yuv420p10be",
    "gray16be",
    "gbrp12be",
    "y210le",
]


@pytest.mark.parametrize("pix_fmt", CONVERTED)
def test_nothing_is_lost(pix_fmt: str) -> None:
    working = working_pix_fmt(pix_fmt)
    assert PIX_FMTS[working].layout == "planar" and PIX_FMTS[working].endian == "little"
    hashes = [
        ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48,noise=alls=30", "-frames:v", "2", "-vf", chain,
               "-f", "md5", "-c:v", "rawvideo", "-")
        for chain in (f"format={pix_fmt}", f"format={pix_fmt},format={working},format={pix_fmt}")
    ]  # fmt: skip
    assert hashes[0] == hashes[1]


def test_planar_formats_stay() -> None:
    for name in ("yuv420p", "yuv410p", "gray", "gbrp14le", "yuv444p16le", "gbrpf32le", "yuv440p"):
        assert working_pix_fmt(name) == name
    assert working_pix_fmt("yuvj422p") == "yuv422p"


@pytest.mark.parametrize(
    ("pix_fmt", "message"),
    [
        ("yuva420p", "alpha channel"),
        ("bgra", "alpha channel"),
        ("pal8", "'pal8' is not supported"),
        ("monow", "'monow' is not supported"),
        ("grayf32le", "cannot go through a pipe"),
        ("yuv440p10le", "cannot go through a pipe"),
        ("rgbf32le", "cannot go through a pipe"),
    ],
)
def test_formats_without_one(pix_fmt: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        working_pix_fmt(pix_fmt)
