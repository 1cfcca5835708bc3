import subprocess

import av
import imageio_ffmpeg
import numpy as np
import pytest

from vsrrg.errors import FormatError
from vsrrg.video.pix_fmts import PIX_FMTS, find_pix_fmt, read_planes, write_planes


def ffmpeg_raw(source: str, pix_fmts: str) -> bytes:
    """One raw frame of a lavfi source, converted to each of the comma-separated formats in turn."""
    chain = ",".join(f"format={name}" for name in pix_fmts.split(","))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", f"{source},{chain}"]
    command += ["-frames:v", "1", "-f", "rawvideo", "-"]
    return subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout


@pytest.mark.parametrize("name", PIX_FMTS)
def test_the_table_agrees_with_ffmpeg(name: str) -> None:
    ours, theirs = PIX_FMTS[name], av.VideoFormat(name, 17, 11)
    fmt = ours.format
    assert len(theirs.components) == fmt.planes
    assert theirs.is_big_endian == (ours.endian == "big")
    assert theirs.is_rgb == (fmt.family == "rgb")
    for i, component in enumerate(theirs.components):
        assert component.bits == fmt.bits
        assert (component.height, component.width) == fmt.plane_shape(i, 17, 11)
    memory = {"planar": [0, 1, 2], "semi-planar": [0, 1, 1], "packed": [0, 0, 0]}[ours.layout]
    stored = [theirs.components[plane].plane for plane in ours.order]
    assert stored == memory[: fmt.planes]


ROUND_TRIPS = """
    yuv420p yuvj422p yuv410p yuv411p yuv440p12le yuv444p16be gray gray10le grayf32le nv12 nv21 nv24 p010le
    p016be p210le rgb24 bgr24 bgr48le gbrp gbrpf32le
"""


@pytest.mark.parametrize("name", ROUND_TRIPS.split())
def test_frames_of_real_ffmpeg_come_back_byte_for_byte(name: str) -> None:
    raw = ffmpeg_raw("testsrc=size=35x21", name)
    planes = read_planes(raw, PIX_FMTS[name], 35, 21)
    fmt = PIX_FMTS[name].format
    assert [p.shape for p in planes] == [fmt.plane_shape(i, 35, 21) for i in range(fmt.planes)]
    assert all(p.dtype == fmt.dtype and p.std() > 0 for p in planes)
    assert bytes(write_planes(planes, PIX_FMTS[name])) == raw


@pytest.mark.parametrize(
    ("name", "planar"),
    [
        ("nv12", "yuv420p"),
        ("nv21", "yuv420p"),
        ("nv24", "yuv444p"),
        ("nv42", "yuv444p"),
        ("nv16", "yuv422p"),
        ("p010le", "yuv420p10le"),
        ("p012le", "yuv420p12le"),
        ("p016le", "yuv420p16le"),
        ("p210le", "yuv422p10le"),
        ("yuv420p10be", "yuv420p10le"),
        ("rgb24", "gbrp"),
        ("bgr24", "gbrp"),
        ("rgb48le", "gbrp16le"),
        ("bgr48be", "gbrp16le"),
    ],
)
def test_other_layouts_hold_the_planes_of_their_planar_kin(name: str, planar: str) -> None:
    source = "testsrc2=size=34x22"
    expected = read_planes(ffmpeg_raw(source, planar), PIX_FMTS[planar], 34, 22)
    got = read_planes(ffmpeg_raw(source, f"{planar},{name}"), PIX_FMTS[name], 34, 22)
    for a, b in zip(expected, got, strict=True):
        np.testing.assert_array_equal(a, b)


def test_red_lies_in_the_red_plane() -> None:
    red, green, blue = read_planes(ffmpeg_raw("color=red:size=4x4", "gbrp"), PIX_FMTS["gbrp"], 4, 4)
    assert red.min() >= 253 and green.max() <= 2 and blue.max() <= 2


def test_planar_frames_are_not_copied() -> None:
    raw = bytes(range(24))
    luma, _, cr = read_planes(raw, PIX_FMTS["yuv420p"], 4, 4)
    start = np.frombuffer(raw, np.uint8).ctypes.data
    assert luma.ctypes.data == start and cr.ctypes.data == start + 20 and not cr.flags.writeable


def test_yuvj_and_gray_integers_imply_full_range() -> None:
    assert {name for name, p in PIX_FMTS.items() if p.range} == {
        *(f"yuvj{digits}p" for digits in ("420", "422", "444", "440", "411")),
        *(f"gray{bits}{order}" for bits in (9, 10, 12, 14, 16) for order in ("le", "be")),
        "gray",
    }
    assert PIX_FMTS["yuvj420p"].range == "full"


def test_what_is_not_supported_is_refused_with_advice() -> None:
    assert find_pix_fmt("p010le") is PIX_FMTS["p010le"]
    for name in ("rgba", "yuva444p10le", "gbrap", "ya8"):
        with pytest.raises(FormatError, match=r"alpha channel.*convert to"):
            find_pix_fmt(name)
    with pytest.raises(FormatError, match="'pal8' is not supported; convert to"):
        find_pix_fmt("pal8")
    with pytest.raises(FormatError, match="a 4x4 nv12 frame is 24 bytes, but 23 were given"):
        read_planes(bytes(23), PIX_FMTS["nv12"], 4, 4)
