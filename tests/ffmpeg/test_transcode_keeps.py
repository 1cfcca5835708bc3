"""What a derained file keeps: each property is put into a real file and looked up in the output."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type as SideData

from tests.ffmpeg.media import HDR10, LOSSLESS, Flip, clip, ffmpeg, first_frame, near, packets, raw, times
from vsrrg.ffmpeg.transcode import EncodeOptions, TranscodeResult, derain_file
from vsrrg.video.color import ColorSpec

pytestmark = pytest.mark.usefixtures("flip")


def derain(source: Path, target: Path, words: str = LOSSLESS, **options: str) -> TranscodeResult:
    return derain_file(source, target, None, EncodeOptions(ffmpeg_args=words, **options))  # type: ignore[arg-type]


def assert_flipped(source: Path, target: Path) -> None:
    """The target has the source's frames with the lowest bits flipped, each at the source's time."""
    before, after = raw(source), raw(target)
    assert before.size and np.array_equal(before ^ 1, after)


@pytest.mark.parametrize(
    "pix_fmt", ["yuv420p", "yuv420p10le", "yuv422p12le", "yuv444p16le", "gray", "gray10le", "yuv411p"]
)
def test_pixel_format_and_pixels(tmp_path: Path, pix_fmt: str) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", "-pix_fmt", pix_fmt)
    result = derain(source, tmp_path / "out.mkv", "")
    assert result.frames == 10
    assert result.encoder == "ffv1"
    assert first_frame(tmp_path / "out.mkv").format.name == pix_fmt
    assert_flipped(source, tmp_path / "out.mkv")


def test_packed_rgb_comes_back_exactly(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "png", "-pix_fmt", "rgb24")
    derain(source, tmp_path / "out.mkv", "-c:v png")
    assert_flipped(source, tmp_path / "out.mkv")


def test_frames_of_one_time(tmp_path: Path) -> None:
    """Each keeps its own picture, in the order in which they are decoded."""
    fast = ("-enc_time_base", "1/90000", "-fps_mode", "passthrough")  # and Matroska counts milliseconds
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", *fast, filters="settb=1/90000,setpts=20*N")
    assert len(set(times(source))) < 5
    result = derain_file(source, tmp_path / "out.mkv", None, EncodeOptions(encoder="ffv1"))
    assert result.frames == 10
    assert np.array_equal(raw(tmp_path / "out.mkv"), raw(source) ^ 1)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_variable_frame_rate(tmp_path: Path, suffix: str) -> None:
    wobble = "settb=1/90000,setpts='(N+0.3*mod(N,3)+if(gt(N,5),7,0))/24/TB'"
    source = clip(tmp_path / "in.mp4", "-c:v", "libx264", "-enc_time_base", "1/90000", "-fps_mode",
    "passthrough",
                  filters=wobble)  # fmt: skip
    target = tmp_path / f"out{suffix}"
    derain(source, target, "-c:v libx264 -qp 0")
    tolerance = Fraction(1, 1000) if suffix == ".mkv" else Fraction(0)
    assert len(set(np.diff([float(time) for time in times(source)]).round(4))) > 2
    assert near(times(target), times(source), tolerance)
    assert_flipped(source, target)
    with av.open(str(source)) as a, av.open(str(target)) as b:
        assert b.duration == pytest.approx(a.duration, abs=1000)


@pytest.mark.parametrize("suffix", [".ts", ".mkv"])
def test_sound_that_begins_before_the_picture(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"in{suffix}"
    video = clip(tmp_path / "video.mkv", "-c:v", "libx264")
    ffmpeg("-itsoffset", "0.371", "-i", video, "-f", "lavfi", "-t", "1", "-i", "sine", "-map", "0",
           "-map", "1", "-c:v", "copy", "-c:a", "mp2", source)  # fmt: skip
    target = tmp_path / "out.mkv"
    derain(source, target)
    assert_flipped(source, target)
    with av.open(str(source)) as container:
        start = Fraction(container.start_time, av.time_base)
    assert near(times(target), [time - start for time in times(source)], Fraction(1, 500))


def rationals(frame: av.VideoFrame, kind: SideData) -> list[float]:
    """The numbers of HDR side data; Matroska stores them as other fractions of the same value."""
    data = bytes(frame.side_data[kind])
    values = np.frombuffer(data[: len(data) // 8 * 8], np.int32)
    if kind is SideData.CONTENT_LIGHT_LEVEL:
        return [float(value) for value in values[:2]]
    return [round(float(a / b), 6) for a, b in values[:20].reshape(-1, 2)]


@pytest.mark.parametrize(("suffix", "words"), [(".mp4", ""), (".mkv", ""), (".mkv", LOSSLESS)])
def test_hdr10(tmp_path: Path, flip: Flip, suffix: str, words: str) -> None:
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    source = clip(tmp_path / "in.mp4", "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params",
                  f"log-level=error:{HDR10}", frames=4, filters=tags)  # fmt: skip
    target = tmp_path / f"out{suffix}"
    result = derain(source, target, words)
    assert result.encoder == ("ffv1" if words else "libx265")
    before, after = first_frame(source), first_frame(target)
    for kind in (SideData.MASTERING_DISPLAY_METADATA, SideData.CONTENT_LIGHT_LEVEL):
        assert rationals(before, kind) == rationals(after, kind)
    assert after.format.name == "yuv420p10le"
    assert (after.color_primaries, after.color_trc, after.colorspace, after.color_range) == (9, 16, 9, 1)
    assert flip.colors == {ColorSpec("bt2020nc", "limited")}
    if words:
        assert_flipped(source, target)


@pytest.mark.parametrize("words", ["-c:v ffv1", "-c:v libx264 -qp 0"])
def test_full_range(tmp_path: Path, flip: Flip, words: str) -> None:
    source = clip(tmp_path / "in.mp4", "-c:v", "libx264", "-pix_fmt", "yuvj420p", "-colorspace", "bt709")
    derain(source, tmp_path / "out.mkv", words)
    assert first_frame(tmp_path / "out.mkv").color_range == first_frame(source).color_range == 2
    assert flip.colors == {ColorSpec("bt709", "full")}
    assert_flipped(source, tmp_path / "out.mkv")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_aspect_ratio_and_rotation(tmp_path: Path, suffix: str) -> None:
    upright = clip(tmp_path / "upright.mp4", "-c:v", "libx264", filters="setsar=4/3")
    source = tmp_path / "in.mp4"
    ffmpeg("-display_rotation", "90", "-i", upright, "-c", "copy", source)
    target = tmp_path / f"out{suffix}"
    derain(source, target, "-c:v libx264 -qp 0")
    after = first_frame(target)
    assert first_frame(source).rotation == after.rotation == 90
    assert (after.width, after.height) == (64, 48)
    with av.open(str(target)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
    assert_flipped(source, target)


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A Matroska file with two sounds, two subtitles, an attachment, a cover, chapters and tags."""
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:00,300\nrain\n")
    (tmp_path / "font.ttf").write_bytes(b"no real font")
    (tmp_path / "chapters").write_text(
        ";FFMETADATA1\ntitle=A walk\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=200\nEND=400\ntitle=Two\n"
    )
    clip(tmp_path / "cover.png", "-update", "1", frames=1)
    clip(tmp_path / "video.mkv", "-c:v", "libx264")
    source = tmp_path / "rich.mkv"
    ffmpeg(
        "-i", tmp_path / "video.mkv", "-f", "lavfi", "-t", "0.4", "-i", "sine=300", "-f", "lavfi", "-t",
        "0.4", "-i", "sine=500", "-i", tmp_path / "a.srt", "-i", tmp_path / "a.srt", "-f", "ffmetadata",
        "-i", tmp_path / "chapters", "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4",
        "-map_metadata", "5", "-map_chapters", "5", "-c:v", "copy", "-c:a:0", "aac", "-c:a:1", "ac3",
        "-c:s:0", "srt", "-c:s:1", "ass", "-disposition:v:0", "default", "-disposition:a:1", "default",
        "-disposition:s:0", "forced", "-metadata:s:v:0", "title=Garden", "-metadata:s:v:0", "language=nob",
        "-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=fra", "-metadata:s:a:1",
        "title=Comment", "-metadata:s:s:1", "language=spa", "-attach", tmp_path / "font.ttf",
        "-metadata:s:t:0", "mimetype=font/ttf", "-attach", tmp_path / "cover.png", "-metadata:s:t:1",
        "mimetype=image/png", source,
    )  # fmt: skip
    return source


def streams(path: Path) -> list[tuple[str, str, str, str, str]]:
    with av.open(str(path)) as container:
        return sorted(
            (
                stream.type,
                stream.codec_context.name if stream.type in ("audio", "subtitle") else "",
                stream.metadata.get("language", ""),
                stream.metadata.get("title", ""),
                str(stream.disposition),
            )
            for stream in container.streams
        )


def test_everything_else_in_matroska(tmp_path: Path, rich: Path) -> None:
    target = tmp_path / "out.mkv"
    assert derain(rich, target).dropped == ()
    assert len(streams(rich)) == 7
    assert streams(target) == streams(rich)
    with av.open(str(rich)) as before, av.open(str(target)) as after:
        assert [c["metadata"] for c in after.chapters()] == [{"title": "One"}, {"title": "Two"}]
        assert [(c["start"], c["end"]) for c in after.chapters()] == [
            (c["start"], c["end"]) for c in before.chapters()
        ]
        assert after.metadata["title"] == "A walk"
        old = {(s.type, s.metadata.get("language")): s.index for s in before.streams}
        new = {(s.type, s.metadata.get("language")): s.index for s in after.streams}
        fonts = [s for s in after.streams if s.type == "attachment"]
        assert [(s.name, s.mimetype, bytes(s.data)) for s in fonts] == [  # type: ignore[attr-defined]
            ("font.ttf", "font/ttf", b"no real font")
        ]
    assert packets(target, new["video", None]) == packets(rich, old["video", None])  # the cover
    for kind in (("audio", "deu"), ("audio", "fra"), ("subtitle", "spa")):
        assert packets(target, new[kind]) == packets(rich, old[kind])
    assert_flipped(rich, target)


def test_what_mp4_can_hold(tmp_path: Path, rich: Path) -> None:
    target = tmp_path / "out.mp4"
    result = derain(rich, target, "-c:v libx264 -qp 0")
    assert [words.split()[0] for words in result.dropped] == ["attachment"]
    assert "font.ttf" in result.dropped[0]
    kinds = [(kind, codec, language) for kind, codec, language, _, _ in streams(target) if kind != "data"]
    assert kinds == [
        ("audio", "aac", "deu"), ("audio", "ac3", "fra"), ("subtitle", "mov_text", "spa"),
        ("subtitle", "mov_text", "und"), ("video", "", ""), ("video", "", "nob"),
    ]  # fmt: skip
    with av.open(str(target)) as container:
        assert [c["metadata"]["title"] for c in container.chapters()] == ["One", "Two"]
        assert container.metadata["title"] == "A walk"
    assert_flipped(rich, target)
    # And back again: mp4's text subtitles become SubRip.
    derain(target, tmp_path / "back.mkv")
    back = [codec for kind, codec, *_ in streams(tmp_path / "back.mkv") if kind == "subtitle"]
    assert back == ["srt", "srt"]
    with av.open(str(tmp_path / "back.mkv")) as container:
        assert "MAJOR_BRAND" not in container.metadata


def test_webm_gets_sound_and_subtitles_of_its_own_kind(tmp_path: Path, rich: Path) -> None:
    target = tmp_path / "out.webm"
    result = derain(rich, target, "-cpu-used 8")
    assert result.encoder == "libvpx-vp9"
    kinds = {(kind, codec) for kind, codec, *_ in streams(target)}
    assert kinds == {("video", ""), ("audio", "opus"), ("subtitle", "webvtt")}
    assert [words for words in result.dropped if "sound" in words] == [
        "aac sound (it is opus now)",
        "ac3 sound (it is opus now)",
    ]
    assert len(result.dropped) == 4
