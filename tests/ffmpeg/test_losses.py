"""What containers and encoders hold in their own way is kept, and what they do not hold at all is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type as SideData

from tests.ffmpeg.media import clip, ffmpeg, first_frame, packets, raw
from tests.pieces.pieces_support import do_all, make_job, source_of
from vsrrg.ffmpeg.carry import carry
from vsrrg.ffmpeg.probe import StreamInfo, probe
from vsrrg.ffmpeg.transcode import EncodeOptions, TranscodeResult, derain_file

pytestmark = pytest.mark.usefixtures("flip")


def derain(source: Path, target: Path, encoder: str | None = None) -> TranscodeResult:
    return derain_file(source, target, None, EncodeOptions(encoder=encoder, preset=None))


def tags(path: Path, index: int) -> dict[str, str]:
    with av.open(str(path)) as container:
        return {key.lower(): value for key, value in container.streams[index].metadata.items()}


@pytest.fixture
def titled(tmp_path: Path) -> Path:
    """A Matroska file with chapters, tags, and two sounds with titles, languages and flags."""
    (tmp_path / "meta").write_text(
        ";FFMETADATA1\ntitle=A walk\ncom.example.camera=Box\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\n"
        "title=One\n"
    )
    video = clip(tmp_path / "video.mkv", "-c:v", "libx264")
    source = tmp_path / "in.mkv"
    ffmpeg(
        "-i", video, "-f", "lavfi", "-t", "0.4", "-i", "sine", "-i", tmp_path / "meta", "-map", "0",
        "-map", "1", "-map", "1", "-map_metadata", "2", "-map_chapters", "2", "-c:v", "copy", "-c:a", "aac",
        "-metadata:s:v:0", "title=Garden", "-metadata:s:a:0", "language=deu", "-metadata:s:a:0", "title=Film",
        "-metadata:s:a:1", "language=eng", "-metadata:s:a:1", "title=Talk", "-disposition:a:0", "default",
        "-disposition:a:1", "comment", source,
    )  # fmt: skip
    return source


def test_titles_of_streams_go_into_mp4_and_back(tmp_path: Path, titled: Path) -> None:
    once, twice, back = tmp_path / "once.mp4", tmp_path / "twice.mp4", tmp_path / "back.mkv"
    for source, target in ((titled, once), (once, twice), (twice, back)):
        derain(source, target)
    assert [tags(twice, index).get("name") for index in range(3)] == ["Garden", "Film", "Talk"]
    assert [tags(back, index).get("title") for index in range(3)] == ["Garden", "Film", "Talk"]
    assert not any("name" in tags(back, index) for index in range(3))


def test_tags_that_mp4_does_not_hold_are_told_and_mov_holds_them(tmp_path: Path, titled: Path) -> None:
    assert derain(titled, tmp_path / "out.mp4").dropped == ("tags com.example.camera",)
    assert derain(titled, tmp_path / "out.mov").dropped == ("flag comment of #2",)
    with av.open(str(tmp_path / "out.mov")) as container:
        assert container.metadata["COM.EXAMPLE.CAMERA"] == "Box"
        assert container.metadata["title"] == "A walk"
    # QuickTime's codes are not those of ISO 639-2/T.
    assert [tags(tmp_path / "out.mov", index).get("language") for index in (1, 2)] == ["ger", "eng"]


def test_transport_streams_hold_little_and_that_is_told(tmp_path: Path, titled: Path) -> None:
    assert set(derain(titled, tmp_path / "out.ts").dropped) == {
        "chapters", "flag comment of #2", "tags com.example.camera, title", "title of #0, #1, #2",
    }  # fmt: skip
    assert [tags(tmp_path / "out.ts", index).get("language") for index in (1, 2)] == ["deu", "eng"]


def test_a_second_video_goes_along(tmp_path: Path) -> None:
    one = clip(tmp_path / "one.mkv", "-c:v", "libx264")
    other = clip(tmp_path / "two.mkv", "-c:v", "libx264", filters="negate")
    source = tmp_path / "in.mkv"
    ffmpeg("-i", one, "-i", other, "-map", "0", "-map", "1", "-c", "copy", source)
    result = derain(source, tmp_path / "out.mkv", "ffv1")
    assert result.dropped == ()
    assert [note.partition(" #1")[0] for note in result.notes] == ["has the second video stream"]
    assert packets(tmp_path / "out.mkv", 1) == packets(source, 1)
    assert np.array_equal(raw(tmp_path / "out.mkv"), raw(source) ^ 1)
    assert derain(source, tmp_path / "out.mp4").dropped == ("second video stream #1 (h264)",)


def test_data_of_transport_streams(tmp_path: Path) -> None:
    video = clip(tmp_path / "video.ts", "-c:v", "mpeg2video", "-bf", "0")
    path = tmp_path / "in.ts"
    with av.open(str(video)) as source, av.open(str(path), "w") as out:
        streams = out.add_stream_from_template(source.streams.video[0]), out.add_data_stream("klv")
        for packet in source.demux(video=0):
            if packet.dts is None:
                continue
            data = av.Packet(b"\x06\x0e\x2b\x34" + bytes(12) + b"\x02go")
            data.pts, data.dts, data.time_base = packet.pts, packet.dts, packet.time_base
            packet.stream, data.stream = streams
            out.mux([packet, data])
    assert derain(path, tmp_path / "out.ts").dropped == ()
    assert packets(tmp_path / "out.ts", 1) == packets(path, 1) != []
    assert derain(path, tmp_path / "out.mkv").dropped == ("data stream #1 (klv)",)


def test_streams_of_no_known_codec_do_not_spoil_the_file(tmp_path: Path) -> None:
    """Such as teletext, which Matroska has no name for, and AC-4 sound."""
    media = probe(clip(tmp_path / "in.ts", "-c:v", "libx264"))
    unknown = StreamInfo(1, "subtitle", "", (), ()), StreamInfo(2, "audio", "", (), ())
    media = replace(media, streams=(*media.streams, *unknown))
    assert carry(media, tmp_path / "out.ts").maps == ["2", "1"]
    plan = carry(media, tmp_path / "out.mkv")
    assert plan.maps == []
    assert plan.dropped == ["sound #2 (unknown codec)", "subtitles #1 (unknown codec)"]


def test_a_timecode_track_is_a_tag_too(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mov", "-c:v", "libx264", "-timecode", "01:02:03:04")
    for suffix in (".mov", ".mkv"):
        assert derain(source, tmp_path / f"out{suffix}").dropped == ()
        assert tags(tmp_path / f"out{suffix}", 0)["timecode"] == "01:02:03:04"


CAPTION = bytes.fromhex("b50031") + b"GA94" + bytes.fromhex("0342fffc9420fd8080ff")
"""A closed caption's two bytes, as ATSC A/53 has them."""


def captioned(path: Path, encoder: str) -> Path:
    """A video with a caption at each picture."""
    hevc = encoder == "libx265"
    words = (
        ("-x265-params", "log-level=error:bframes=0:slices=1")
        if hevc
        else ("-bf", "0", "-x264-params", "slices=1")
    )
    plain = clip(path.with_suffix(".hevc" if hevc else ".h264"), "-c:v", encoder, *words, frames=4)
    start = b"\x00\x00\x01"
    message = (b"\x4e\x01" if hevc else b"\x06") + bytes([4, len(CAPTION)]) + CAPTION + b"\x80"

    def units() -> Iterator[bytes]:
        for unit in plain.read_bytes().split(start)[1:]:
            kind = (unit[0] >> 1) & 63 if hevc else unit[0] & 31
            if kind < 32 if hevc else kind in (1, 5):
                yield message
            yield unit

    plain.write_bytes(b"".join(start + unit for unit in units()))
    times = "setts=pts=N*40:dts=N*40:time_base=1/1000"
    ffmpeg("-r", "25", "-i", plain, "-c", "copy", "-bsf:v", times, path)
    return path


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_closed_captions_in_the_pictures(tmp_path: Path, encoder: str) -> None:
    source = captioned(tmp_path / "in.mkv", encoder)
    result = derain(source, tmp_path / "out.mkv")
    assert (result.encoder, result.notes) == (encoder, ())
    kept = [bytes(first_frame(path).side_data[SideData.A53_CC]) for path in (source, tmp_path / "out.mkv")]
    assert kept[0] == kept[1] == bytes.fromhex("fc9420fd8080")
    (note,) = derain(source, tmp_path / "lossless.mkv", "ffv1").notes
    assert note == "lacks closed captions of the input: ffv1 or .mkv does not carry that"


def test_pictures_that_become_interlaced_are_told(tmp_path: Path) -> None:
    parts = [tmp_path / f"{n}.ts" for n in range(2)]
    for part, frames, flags in ((parts[0], 96, "0"), (parts[1], 24, "+ildct+ilme")):
        field = "null" if flags == "0" else "setfield=tff"
        clip(part, "-c:v", "libx264", "-g", "8", "-bf", "0", "-flags", flags, frames=frames, filters=field)
    source = tmp_path / "in.ts"
    ffmpeg("-i", f"concat:{parts[0]}|{parts[1]}", "-c", "copy", source)
    (note,) = derain(source, tmp_path / "out.mkv", "ffv1").notes
    assert note.startswith("has 24 of 120 pictures from an input that is interlaced there, first at 4.")
    job = make_job()
    piecewise = source_of(source, tmp_path / "out")
    record = do_all(job, [piecewise])
    assert record.schedule.whole == {piecewise: "some of its pictures are interlaced"}
    assert record.schedule.done[piecewise].notes == (note,)
