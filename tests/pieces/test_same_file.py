"""A file made of pieces is the one that `derain_file` makes: pixels, times, and all that goes along."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ffmpeg.media import HDR10, clip, ffmpeg, first_frame, packets, raw, times
from tests.pieces.pieces_support import (
    OPEN_GOP,
    PASS_TIMES,
    WOBBLE,
    contents,
    do_all,
    long_clip,
    make_job,
    source_of,
)
from vsrrg.engine.layout import Layout
from vsrrg.ffmpeg.transcode import derain_file
from vsrrg.pieces.tasks import Derain, Job, Join

pytestmark = pytest.mark.usefixtures("flip")


def both(job: Job, path: Path, suffix: str) -> tuple[Path, Path]:
    """The file that is made at once, and the one that is made of pieces, at least three."""
    out = path.parent / f"out{suffix}"
    source = source_of(path, out, suffix)
    once = out / f"once{suffix}"
    derain_file(path, once, job.options, job.encode)
    record = do_all(job, [source])
    assert record.schedule.failed == record.schedule.whole == {}
    assert len(record.of_kind(Derain)) >= 3 and len(record.of_kind(Join)) == 1
    return once, source.target


@pytest.mark.parametrize(
    ("name", "words", "filters"),
    [
        ("vfr.mp4", (*OPEN_GOP, *PASS_TIMES, "-c:a", "aac"), WOBBLE),
        ("open.mkv", (*OPEN_GOP, "-c:a", "flac"), "setsar=4/3"),
        ("hevc.mkv", ("-c:v", "libx265", "-x265-params", "log-level=error:keyint=20:open-gop=1"), "null"),
        ("late.ts", ("-c:v", "mpeg2video", "-g", "12", "-bf", "2", "-c:a", "mp2"), "null"),
        ("old.avi", ("-c:v", "mpeg4", "-g", "20", "-bf", "2", "-c:a", "mp3"), "null"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_lossless(tmp_path: Path, name: str, words: tuple[str, ...], filters: str) -> None:
    path = long_clip(tmp_path / name, *words, filters=filters)
    once, pieces = both(make_job(), path, ".mkv")
    before, after = raw(path), raw(pieces)
    assert before.size and np.array_equal(before ^ 1, after)
    assert np.array_equal(raw(once), after)
    assert times(once) == times(pieces)
    (expected, sent), (found, received) = contents(once), contents(pieces)
    assert received == sent
    if name in (
        "vfr.mp4",
        "open.mkv",
        "hevc.mkv",
    ):  # Elsewhere Matroska rounds the end to another millisecond.
        assert found == expected


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_times_to_the_tick(tmp_path: Path, suffix: str) -> None:
    path = long_clip(tmp_path / "vfr.mp4", *OPEN_GOP, *PASS_TIMES, "-c:a", "aac", filters=WOBBLE)
    once, pieces = both(make_job("-c:v libx264 -qp 0"), path, suffix)
    assert len(set(np.diff([float(time) for time in times(path)]).round(5))) > 2
    assert times(pieces) == times(once) == times(path)
    assert contents(pieces) == contents(once)
    assert np.array_equal(raw(once), raw(pieces))


@pytest.mark.parametrize(
    ("suffix", "words"),
    [
        (".mp4", "-c:v libx264 -crf 20 -bf 3"),
        (".mkv", "-c:v libx265 -crf 20 -preset ultrafast"),
        (".webm", "-c:v libvpx-vp9 -crf 20 -cpu-used 8"),
    ],
)
def test_lossy_pieces_begin_with_key_frames(tmp_path: Path, suffix: str, words: str) -> None:
    path = long_clip(tmp_path / "vfr.mp4", *OPEN_GOP, *PASS_TIMES, "-c:a", "aac", filters=WOBBLE)
    once, pieces = both(make_job(words), path, suffix)
    assert times(pieces) == times(once)
    with av.open(str(pieces)) as container:
        found = [packet for packet in container.demux(video=0) if packet.size]
    order = sorted(packet.pts for packet in found)
    keys = {order.index(packet.pts) for packet in found if packet.is_keyframe}
    assert {0, 41, 81} <= keys
    clock = [packet.dts for packet in found if packet.dts is not None]
    assert clock == sorted(set(clock))
    assert all(packet.dts is None or packet.dts <= packet.pts for packet in found)
    flipped = (raw(path) ^ 1).astype(int)
    assert np.abs(raw(pieces) - flipped).mean() < 1.2 * np.abs(raw(once) - flipped).mean()


def test_hdr10_rotation_and_aspect(tmp_path: Path) -> None:
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv,setsar=4/3"
    upright = clip(
        tmp_path / "upright.mp4", "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params",
        f"log-level=error:keyint=20:{HDR10}", frames=120, filters=tags,
    )  # fmt: skip
    path = tmp_path / "hdr.mp4"
    ffmpeg("-display_rotation", "90", "-i", upright, "-c", "copy", path)
    words = "-preset ultrafast -x265-params log-level=error:keyint=500"
    for suffix in (".mp4", ".mkv"):
        once, pieces = both(make_job(words), path, suffix)
        with av.open(str(once)) as a, av.open(str(pieces)) as b:
            frames = list(zip(a.decode(video=0), b.decode(video=0), strict=True))
            assert a.streams.video[0].sample_aspect_ratio == b.streams.video[0].sample_aspect_ratio
            assert b.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
        for frame, other in (frames[0], frames[60], frames[-1]):
            told, kept = ({kind.name for kind in shown.side_data} for shown in (frame, other))
            assert told - {"SEI_UNREGISTERED"} == kept - {"SEI_UNREGISTERED"}
            assert kept >= {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DISPLAYMATRIX"}
        after = first_frame(pieces)
        assert after.rotation == 90
        assert (after.color_primaries, after.color_trc, after.colorspace, after.color_range) == (9, 16, 9, 1)


@pytest.mark.parametrize("layout", ["side-by-side", "split"])
def test_layouts(tmp_path: Path, layout: Layout) -> None:
    path = long_clip(tmp_path / "in.mkv", filters="setsar=4/3")
    job = make_job()
    once, pieces = both(replace(job, encode=replace(job.encode, layout=layout)), path, ".mkv")
    assert np.array_equal(raw(once), raw(pieces))
    assert contents(pieces) == contents(once)
    assert first_frame(pieces).width == (128 if layout == "side-by-side" else 64)


def test_all_that_goes_along(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:00,300\nrain\n")
    (tmp_path / "font.ttf").write_bytes(b"no real font")
    (tmp_path / "chapters").write_text(
        ";FFMETADATA1\ntitle=A walk\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=200\nEND=400\ntitle=Two\n"
    )
    clip(tmp_path / "cover.png", "-update", "1", frames=1)
    video = long_clip(tmp_path / "video.mkv", *OPEN_GOP, "-c:a", "flac")
    path = tmp_path / "rich.mkv"
    ffmpeg(
        "-i", video, "-i", tmp_path / "a.srt", "-f", "ffmetadata", "-i", tmp_path / "chapters",
        "-map", "0:v", "-map", "0:a", "-map", "0:a", "-map", "1", "-map_metadata", "2", "-map_chapters", "2",
        "-c", "copy", "-disposition:v:0", "default", "-disposition:a:1", "default",
        "-metadata:s:v:0", "title=Garden", "-metadata:s:a:0", "language=deu", "-attach",
        tmp_path / "font.ttf", "-metadata:s:t:0", "mimetype=font/ttf", "-attach", tmp_path / "cover.png",
        "-metadata:s:t:1", "mimetype=image/png", path,
    )  # fmt: skip
    once, pieces = both(make_job(), path, ".mkv")
    found, received = contents(pieces)
    assert (found, received) == contents(once)
    assert [entry[0] for entry in found[2:] if len(entry) == 4] == [
        "video", "audio", "audio", "subtitle", "attachment", "video",
    ]  # fmt: skip
    for index in (1, 2, 3):
        assert packets(pieces, index) == packets(path, index)


def test_sound_that_begins_before_the_picture(tmp_path: Path) -> None:
    video = long_clip(tmp_path / "video.mkv", *OPEN_GOP, "-an")
    path = tmp_path / "in.ts"
    ffmpeg("-itsoffset", "0.371", "-i", video, "-f", "lavfi", "-t", "4", "-i", "sine", "-map", "0",
           "-map", "1", "-c:v", "copy", "-c:a", "mp2", path)  # fmt: skip
    once, pieces = both(make_job("-c:v libx264 -qp 0"), path, ".mp4")
    assert times(pieces)[0] > Fraction(1, 3)
    assert contents(pieces) == contents(once)
