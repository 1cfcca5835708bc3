"""vsrrg.ffmpeg.derain in ffmpeg-python graphs."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import ffmpeg
import numpy as np
import pytest

import vsrrg
import vsrrg.ffmpeg
from tests.ffmpeg.media import Flip, clip, first_frame, packets, raw, times
from tests.ffmpeg.media import ffmpeg as run_ffmpeg
from vsrrg.engine import FrameFilter, Options
from vsrrg.errors import MediaError, OptionError
from vsrrg.ffmpeg.graph import DerainNode, RawFilter, cut, microseconds
from vsrrg.ffmpeg.inspection import StreamFormat, parse_showinfo

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("flip")]

KNOWN = StreamFormat(64, 48, "nv12", Fraction(1, 90000), Fraction(1, 2), "tv", "bt709", "bt2020", "smpte2084")
LOSSLESS: dict[str, Any] = {"vcodec": "ffv1", "fps_mode": "passthrough"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return clip(tmp_path / "in.mkv", "-c:v", "libx264", "-colorspace", "bt709", "-c:a", "flac", sound=True)


def test_the_two_commands() -> None:
    """All of what is run, without running it."""
    inp = ffmpeg.input("in.mkv")
    video = RawFilter(inp["0"], "yadif=1,crop=w=4").stream()
    video = DerainNode(video, Options()).stream().filter("unsharp")
    graph = cut(ffmpeg.output(video, inp["a?"], "out.mkv", crf=3))
    assert graph is not None
    quiet = "-nostdin -hide_banner -v error -nostats -progress pipe:2"
    assert " ".join(graph.decode_command(KNOWN)) == (
        f"ffmpeg {quiet} -i in.mkv -filter_complex [0:0]yadif=1,crop=w=4[s0];[s0]format=yuv420p[s1] "
        "-map [s1] -f nut -c:v rawvideo -enc_time_base filter -fps_mode passthrough pipe:1"
    )
    assert " ".join(graph.encode_command(KNOWN)) == (
        f"ffmpeg {quiet} -i in.mkv -f nut -itsoffset 500000us -i pipe:0 -filter_complex "
        "[0:0]yadif=1,crop=w=4[s0];[s0]format=yuv420p[s1];"
        "[1]setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt709:range=tv[s2];[s2]settb=1/90000[s3];"
        "[s1][s3]blend=all_mode=normal:all_opacity=0:shortest=1:ts_sync_mode=nearest[s4];[s4]unsharp[s5] "
        "-map [s5] -map 0:a? -crf 3 out.mkv"
    )
    assert " ".join(graph.inspect_command()) == (
        "ffmpeg -nostdin -hide_banner -nostats -v info -i in.mkv -filter_complex "
        "[0:0]yadif=1,crop=w=4[s0];[s0]showinfo=checksum=0[s1] -map [s1] -map 0:a? -f null "
        "-c:a copy -c:d copy -c:s copy -frames:a 0 -frames:d 0 -frames:s 0 -frames:v 1 -"
    )


def test_the_lines_of_the_readme(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source.rename("rain.mp4")
    vsrrg.ffmpeg.derain(ffmpeg.input("rain.mp4").filter("scale", 128, -2)).filter("unsharp").output(
        "clean.mp4"
    ).run()
    frame = first_frame(tmp_path / "clean.mp4")
    assert (frame.width, frame.height, frame.colorspace) == (128, 96, 1)
    assert len(times(tmp_path / "clean.mp4")) == 10


def test_pixels_and_sound(tmp_path: Path, source: Path) -> None:
    inp = ffmpeg.input(str(source))
    target = tmp_path / "out.mkv"
    clean = vsrrg.ffmpeg.derain(inp.video.filter("crop", 32, 24))
    out = ffmpeg.output(clean.hflip().hflip(), inp.audio, str(target), acodec="copy", **LOSSLESS)
    assert out.run(quiet=True)[0] == b""
    expected = tmp_path / "expected.mkv"
    ffmpeg.input(str(source)).filter("crop", 32, 24).output(str(expected), **LOSSLESS).run(
        cmd=run_ffmpeg_path()
    )
    assert np.array_equal(raw(target), raw(expected) ^ 1)
    assert packets(target, 1) == packets(source, 1)


def run_ffmpeg_path() -> str:
    from vsrrg.ffmpeg.binary import find_ffmpeg

    return find_ffmpeg()


def test_overwriting(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mkv"
    target.write_bytes(b"precious")
    out = vsrrg.ffmpeg.derain(ffmpeg.input(str(source))).output(str(target))
    with pytest.raises(MediaError, match=r"the output cannot be written: .*exists"):
        out.run()
    assert target.read_bytes() == b"precious"
    out.overwrite_output().run()
    assert len(times(target)) == 10
    out.run(overwrite_output=True)


def test_several_outputs_and_branches(tmp_path: Path, source: Path) -> None:
    """Rainy and clean side by side, and the clean one alone."""
    branches = ffmpeg.input(str(source)).video.filter_multi_output("split")
    clean = vsrrg.ffmpeg.derain(branches[1]).filter_multi_output("split")
    both = ffmpeg.filter([branches[0], clean[0]], "hstack")
    one = ffmpeg.output(both, str(tmp_path / "both.mkv"), **LOSSLESS)
    two = ffmpeg.output(clean[1], str(tmp_path / "clean.mkv"), **LOSSLESS)
    ffmpeg.merge_outputs(one, two).run()
    before, after = raw(source), raw(tmp_path / "clean.mkv")
    assert np.array_equal(after, before ^ 1)
    rows = raw(tmp_path / "both.mkv").reshape(10, -1)[:, : 128 * 48].reshape(10, 48, 128)
    assert np.array_equal(rows[..., :64] ^ 1, rows[..., 64:])


def test_sound_that_begins_first_in_a_transport_stream(tmp_path: Path) -> None:
    """Its times count from the first stream in use, which differs between the two processes."""
    video = clip(tmp_path / "video.mkv", "-c:v", "libx264")
    source = tmp_path / "late.ts"
    run_ffmpeg("-itsoffset", "0.371", "-i", video, "-f", "lavfi", "-t", "1", "-i", "sine", "-map", "0",
               "-map", "1", "-c:v", "copy", "-c:a", "mp2", source)  # fmt: skip
    for audio in ({}, {"filtered": True}, {"mapped": True}):
        inp = ffmpeg.input(str(source))
        clean = vsrrg.ffmpeg.derain(inp["v"])
        sound = [inp["a"].filter("volume", 0.5)] if audio.get("filtered") else [inp["a"]] if audio else []
        target = tmp_path / "out.mkv"
        ffmpeg.output(clean, *sound, str(target), **LOSSLESS).overwrite_output().run()
        assert np.array_equal(raw(target), raw(source) ^ 1)


def test_capturing_stdout(source: Path) -> None:
    out = vsrrg.ffmpeg.derain(ffmpeg.input(str(source))).output(
        "pipe:1", format="rawvideo", pix_fmt="yuv420p"
    )
    data, messages = out.run(capture_stdout=True)
    assert np.array_equal(np.frombuffer(data, np.uint8), raw(source) ^ 1)
    assert messages is None


def test_compile_gives_a_pipeline_that_runs(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mkv"
    clean = vsrrg.ffmpeg.derain(
        ffmpeg.input(str(source)), strength=0.5, model="other", max_memory=9, lookahead=0, scene_cuts=False
    )
    shell, flag, pipeline = clean.output(str(target), **LOSSLESS).overwrite_output().compile()
    assert (shell, flag) == ("sh", "-c")
    decode, pipe, encode = pipeline.split(" | ")
    assert pipe.endswith(
        "-m vsrrg pipe --matrix bt709 --range limited --model other --strength 0.5 --max-memory 9 "
        "--lookahead 0 --no-scene-cuts"
    )
    subprocess.run([shell, flag, f"{decode} | cat | {encode}"], check=True, timeout=20)
    assert np.array_equal(raw(target), raw(source))


def test_filters_go_into_the_pipeline_by_name(source: Path) -> None:
    filters = ["mask:x=1,y=2", "less:by=it's"]
    clean = vsrrg.derain(ffmpeg.input(str(source)), filters=filters)
    assert clean.node.options.filters == tuple(filters)
    pipe = clean.output("out.mkv").compile()[2].split(" | ")[1]
    assert pipe.endswith("""--filter mask:x=1,y=2 --filter 'less:by=it'"'"'s'""")
    own = vsrrg.ffmpeg.derain(
        ffmpeg.input(str(source)), filters=[FrameFilter(rain=lambda layer, view: layer)]
    )
    with pytest.raises(OptionError, match=r"a pipeline cannot hold a FrameFilter; .* or call \.run\(\)"):
        own.output("out.mkv").compile()


def test_graphs_without_deraining_are_as_before(tmp_path: Path, source: Path) -> None:
    inp = ffmpeg.input(str(source))
    vsrrg.ffmpeg.derain(inp)
    out = inp.filter("hflip").output(str(tmp_path / "plain.mkv")).overwrite_output()
    assert out.compile() == ffmpeg.compile(out)
    assert out.get_args() == ffmpeg.get_args(out)
    out.run(cmd=run_ffmpeg_path(), quiet=True)
    assert out.run_async(cmd=run_ffmpeg_path(), quiet=True).wait() == 0


def test_what_cannot_be_derained(source: Path) -> None:
    inp = ffmpeg.input(str(source))
    out = vsrrg.ffmpeg.derain(inp).output("out.mkv")
    with pytest.raises(OptionError, match=r"call \.run\(\) on its output stream"):
        ffmpeg.run(out)
    with pytest.raises(OptionError, match=r"call \.run\(\), or \.compile\(\)"):
        out.get_args()
    with pytest.raises(OptionError, match="cannot run_async"):
        out.run_async()
    with pytest.raises(OptionError, match="takes no input="):
        out.run(input=b"")
    with pytest.raises(OptionError, match="in one place only"):
        vsrrg.ffmpeg.derain(vsrrg.ffmpeg.derain(inp)).output("out.mkv").run()
    with pytest.raises(OptionError, match="a graph that reads a pipe cannot be derained"):
        vsrrg.ffmpeg.derain(ffmpeg.input("pipe:0")).output("out.mkv").run()
    with pytest.raises(OptionError, match="takes a stream of ffmpeg-python, not a str"):
        vsrrg.ffmpeg.derain("in.mkv")
    for derain in (vsrrg.derain, vsrrg.ffmpeg.derain):
        with pytest.raises(OptionError, match=r"no option 'modell': did you mean 'model'\?") as caught:
            derain(ffmpeg.input(str(source)), modell="fast")
        assert caught.value.code == "unknown-option"
    with pytest.raises(OptionError, match="strength must be"):
        vsrrg.ffmpeg.derain(inp, strength=2)
    with pytest.raises(MediaError, match="No such file"):
        vsrrg.ffmpeg.derain(ffmpeg.input("none.mkv")).output("out.mkv").run()


def test_interlaced_frames_are_refused(tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mkv", "-c:v", "ffv1", "-flags", "+ildct", filters="interlace,setfield=tff")
    inp = ffmpeg.input(str(source))
    with pytest.raises(OptionError, match=r"put \.filter\('bwdif'\) before"):
        vsrrg.ffmpeg.derain(inp).output(str(tmp_path / "out.mkv")).run()
    vsrrg.ffmpeg.derain(inp.filter("bwdif")).output(str(tmp_path / "out.mkv")).run()


def test_adapter_is_registered(source: Path) -> None:
    stream = vsrrg.derain(ffmpeg.input(str(source)), strength=0.5)
    assert isinstance(stream.node, DerainNode)
    assert stream.node.options.strength == 0.5


def test_the_given_graph_is_left_alone(tmp_path: Path, source: Path, flip: Flip) -> None:
    out = vsrrg.ffmpeg.derain(ffmpeg.input(str(source))).output(str(tmp_path / "out.mkv"), **LOSSLESS)
    before = hash(out)
    out.run()
    assert hash(out) == before
    out.run(overwrite_output=True)
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert container.streams.video[0].codec_context.name == "ffv1"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(Fraction(1, 3), 333333), (Fraction(2, 3), 666667), (Fraction(-1, 2000000), -1), (Fraction(0), 0)],
)
def test_microseconds_round_as_ffmpeg_does(seconds: Fraction, expected: int) -> None:
    assert microseconds(seconds) == expected


def test_showinfo() -> None:
    text = """[Parsed_showinfo_0 @ 0x7ff9] config in time_base: 1/12288, frame_rate: 24/1
[Parsed_showinfo_0 @ 0x7ff9] config out time_base: 0/0, frame_rate: 0/0
[Parsed_showinfo_0 @ 0x7ff9] n:   0 pts:   6144 pts_time:0.5 fmt:yuv420p cl:left sar:4/3 s:128x96 i:B iskey:1
[Parsed_showinfo_0 @ 0x7ff9] color_range:tv color_space:bt709 color_primaries:reserved color_trc:unknown
"""
    found = parse_showinfo(text)
    assert found == StreamFormat(
        128,
        96,
        "yuv420p",
        Fraction(1, 12288),
        Fraction(1, 2),
        "tv",
        "bt709",
        "unknown",
        "unknown",
        interlaced=True,
        aspect="4/3",
    )
    assert parse_showinfo(text.splitlines()[0]) is None
