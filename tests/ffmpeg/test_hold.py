"""Pictures that change their size or format on the way come out like the first, all of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
import pytest

import vsrrg.ffmpeg
from tests.ffmpeg.media import LOSSLESS, Flip, clip, raw, times
from tests.ffmpeg.media import ffmpeg as run_ffmpeg
from tests.pieces.pieces_support import contents
from vsrrg.engine import Options
from vsrrg.ffmpeg.graph import DerainNode, cut
from vsrrg.ffmpeg.hold import Change, read_change
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
from vsrrg.pieces.sequence import derain_in_pieces

pytestmark = pytest.mark.timeout(60)

ENCODE = EncodeOptions(ffmpeg_args=LOSSLESS)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-bf", "0", "-g", "12")
FIRST = ("-pix_fmt", "yuv420p", "-colorspace", "bt709")
OTHER = {
    "chroma": ("null", "-pix_fmt", "yuv444p"),
    "depth": ("null", "-pix_fmt", "yuv420p10le"),
    "range and matrix": ("null", "-pix_fmt", "yuvj420p", "-colorspace", "smpte170m"),
    "size": ("scale=96:80", "-pix_fmt", "yuv420p"),
}
"""How the second half of a file differs from the first, which is 64x48 yuv420p in BT.709."""


def changing(path: Path, kind: str, frames: int = 12) -> Path:
    """A transport stream of two halves with a cut between, joined as they are."""
    filters, *words = OTHER[kind]
    late = ("-output_ts_offset", f"{frames / 24:.6f}")
    first = clip(path.with_name("first.ts"), *H264, *FIRST, frames=frames)
    last = clip(
        path.with_name("last.ts"), *H264, *words, *late, frames=frames, filters=f"negate,hflip,{filters}"
    )
    path.write_bytes(first.read_bytes() + last.read_bytes())
    return path


@pytest.mark.parametrize("kind", OTHER)
def test_all_frames_come_as_ffmpeg_would_scale_them(tmp_path: Path, kind: str, flip: Flip) -> None:
    source, target = changing(tmp_path / "in.ts", kind), tmp_path / "out.mkv"
    result = derain_file(source, target, None, ENCODE)
    assert result.frames == len(times(target)) == 24
    assert np.array_equal(raw(target), raw(source, "-pix_fmt", "yuv420p") ^ 1)
    what = "size" if kind == "size" else "pixel format and colours"
    note = f"has all its pictures in the {what} of the first, for those of the input change at 0.50 s"
    assert result.notes == (note,)


def test_the_first_half_is_as_it_is_alone(tmp_path: Path) -> None:
    source = changing(tmp_path / "in.ts", "chroma")
    options = Options(model="fast", device="cpu")
    for path in (source, tmp_path / "first.ts"):
        derain_file(path, path.with_suffix(".mkv"), options, ENCODE)
    alone, both = raw(tmp_path / "first.mkv"), raw(tmp_path / "in.mkv")
    assert both.size == 2 * alone.size and np.array_equal(both[: alone.size], alone)


def test_pictures_that_stay_the_same_are_not_told_of(tmp_path: Path, flip: Flip) -> None:
    source = clip(tmp_path / "in.mkv", *H264)
    assert derain_file(source, tmp_path / "out.mkv", None, ENCODE).notes == ()


@pytest.mark.parametrize("kind", ["chroma", "size"])
def test_such_a_file_is_one_piece(tmp_path: Path, kind: str, flip: Flip) -> None:
    source = changing(tmp_path / "in.ts", kind, frames=60)
    told: list[str] = []
    result = derain_in_pieces(source, tmp_path / "pieces.mkv", None, ENCODE, piece=30, tell=told.append)
    assert told == ["is made in one piece: its pictures change on the way, or two are of one time"]
    once = derain_file(source, tmp_path / "once.mkv", None, ENCODE)
    assert (result.frames, result.notes) == (120, once.notes)
    assert contents(tmp_path / "pieces.mkv") == contents(tmp_path / "once.mkv")


@pytest.mark.usefixtures("flip")
def test_graphs(tmp_path: Path) -> None:
    """The original beside it, and sound, through filters that alone say which of the two they take."""
    bare = changing(tmp_path / "bare.ts", "size")
    source = tmp_path / "in.mkv"
    run_ffmpeg("-i", bare, "-f", "lavfi", "-t", "1", "-i", "sine=sample_rate=8000", "-c:v", "copy",
               "-c:a", "flac", source)  # fmt: skip
    inp = ffmpeg.input(str(source))
    clean = vsrrg.ffmpeg.derain(inp.filter("crop", 32, 24))
    both = ffmpeg.filter([inp.filter("scale", 32, 24, flags="neighbor"), clean], "hstack")
    options: dict[str, Any] = {"vcodec": "ffv1", "acodec": "flac", "fps_mode": "passthrough"}
    ffmpeg.output(both, inp.filter("volume", 0.5), str(tmp_path / "out.mkv"), **options).run(
        overwrite_output=True
    )
    rows = raw(tmp_path / "out.mkv").reshape(24, -1)[:, : 64 * 24].reshape(24, 24, 64)
    held = raw(source).reshape(24, -1)[:, : 64 * 48].reshape(24, 48, 64)
    assert np.array_equal(rows[..., 32:], held[:, 12:36, 16:48] ^ 1)


def test_what_is_held(tmp_path: Path) -> None:
    """Video of an input, each time it enters a filter, but no sound, and not what scaling cannot touch."""
    inp = ffmpeg.input("in.mkv")
    clean = DerainNode(inp, Options()).stream()
    both = ffmpeg.filter([inp, inp["v"].filter("hflip"), clean], "hstack", inputs=3)
    graph = cut(ffmpeg.output(both, inp["a"].filter("volume", 2), inp.filter("aecho"), "out.mkv"))
    assert graph is not None and "reinit_filter" not in " ".join(graph.inspect_command())
    graph = graph.held()
    text = " ".join(graph.inspect_command())
    assert "-reinit_filter:v 0 -i in.mkv" in text and text.count("scale[") == 1
    above = " ".join(map(str, ffmpeg.get_args(graph.upstream.output("x.mkv"))))
    assert "[0]scale[s0]" in above
    for options in ({"hwaccel_output_format": "cuda"}, {"reinit_filter": 1}):
        inp = ffmpeg.input("in.mkv", **options)
        graph = cut(ffmpeg.output(DerainNode(inp.filter("hflip"), Options()).stream(), "out.mkv"))
        assert graph is not None and "scale" not in " ".join(graph.held().inspect_command())


@pytest.mark.parametrize(
    ("after", "change"),
    [
        ("w: 64 h: 48 fmt: 5 csp: bt709 range: pc alpha: none pts_time: 1.2", Change(Fraction(6, 5), False)),
        ("w: 96 h: 80 fmt: 0 csp: bt709 range: tv pts_time: 0", Change(Fraction(0), True)),
        ("w: 96 h: 80 fmt: 0 csp: bt709 range: tv pts_time: NOPTS", None),
    ],
)  # fmt: skip
def test_what_ffmpeg_says_of_a_change(after: str, change: Change | None) -> None:
    before = "w: 64 h: 48 fmt: 0 csp: bt709 range: tv"
    line = f"[graph @ 0x1] [warning] filter context - {before}, incoming frame - {after}"
    assert read_change(line) == change
    assert read_change("[in#0] [warning] Packet corrupt") is None
