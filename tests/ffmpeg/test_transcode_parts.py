"""The parts that `derain_file` is put together from, for those who put them together in other ways."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python
import numpy as np
import pytest

from tests.ffmpeg.media import Flip, clip, raw, times
from vsrrg.engine import Options
from vsrrg.ffmpeg import run, transcode
from vsrrg.ffmpeg.graph import Cut, DerainNode, cut
from vsrrg.ffmpeg.probe import file_url
from vsrrg.ffmpeg.process import Child
from vsrrg.ffmpeg.run import run_once
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file, input_options, prepare
from vsrrg.video.frame import Frame


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return clip(tmp_path / "in.mkv", "-c:v", "libx264", frames=20)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run, decoder and encoder."""
    found: list[list[str]] = []

    class Noted(Child):
        def __init__(self, command: list[str], **options: Any) -> None:
            found.append(list(command))
            super().__init__(command, **options)

    monkeypatch.setattr(run, "Child", Noted)
    return found


def test_a_prepared_job_needs_no_second_look(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, encode = tmp_path / "out.mp4", EncodeOptions(crf=20, ffmpeg_args="-c:v libx265 -tune grain")
    job = prepare(source, target, Options(), encode)
    assert (job.media.path, job.known.width, job.encoder) == (source, 64, "libx265")
    assert job.words == ("-tune", "grain")
    assert (job.settings["c:v:0"], job.settings["crf"], job.settings["tag:v"]) == ("libx265", 20, "hvc1")
    monkeypatch.setattr(transcode, "inspect", None)
    assert prepare(source, target, Options(), encode, job.known) == job


@pytest.mark.parametrize(("words", "threads"), [("", "3"), ("-threads 2", "2")])
def test_threads_of_all_processes(
    tmp_path: Path, source: Path, flip: Flip, commands: list[list[str]], words: str, threads: str
) -> None:
    derain_file(source, tmp_path / "out.mkv", None, EncodeOptions(threads=3, ffmpeg_args=words))
    for command in commands:
        reads = [place for place, word in enumerate(command) if word == "-i"]
        assert command[: reads[-1]].count("-threads") == 1
        assert command[command.index("-threads") + 1] == command[command.index("-filter_complex_threads") + 1]
    encoder = commands[1]
    assert encoder[len(encoder) - encoder[::-1].index("-threads")] == threads


def test_an_open_engine_serves_several_files(tmp_path: Path, source: Path) -> None:
    flip = Flip()
    for name in ("a.mkv", "b.mkv"):
        derain_file(source, tmp_path / name, None, EncodeOptions(encoder="ffv1"), derainer=flip)  # type: ignore[arg-type]
        assert np.array_equal(raw(tmp_path / name), raw(source) ^ 1)


def parted(source: Path, target: Path) -> tuple[Cut, transcode.Prepared]:
    """A graph that encodes frames 5 to 9, and decodes one more on either side."""
    job = prepare(
        source, target, Options(), EncodeOptions(encoder="ffv1", ffmpeg_args="-metadata title=Part")
    )
    video = ffmpeg_python.input(file_url(source), **input_options(job.media), copyts=None)["v:0"]
    part = video.filter("trim", start_frame=5, end_frame=10)
    output = ffmpeg_python.output(DerainNode(part, Options()).stream(), file_url(target), **job.settings)
    graph = cut(output)
    assert graph is not None
    return replace(graph, around=video.filter("trim", start_frame=4, end_frame=11), words=job.words), job


def test_more_can_be_decoded_than_is_encoded(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mkv"
    target.write_text("is overwritten")
    graph, job = parted(source, target)
    seen: list[Fraction] = []

    def work(frames: Any) -> Any:
        return list(Flip().stream(frames))[1:-1]

    def look(frame: Frame, unit: Fraction) -> None:
        assert frame.pts is not None
        seen.append(frame.pts * unit)

    known = replace(job.known, start=Fraction(0))  # with -copyts no times are moved
    result = run_once(graph, known, work, job.binary, source="in", target="out", overwrite=True, seen=look)
    assert (result.frames, result.encoded) == (5, 5)
    assert seen == times(source)[4:11]
    assert times(target) == times(source)[5:10]
    assert np.array_equal(raw(target), (raw(source) ^ 1).reshape(20, -1)[5:10].ravel())
    command = graph.encode_command(job.known, overwrite=True)
    assert command[-4:] == ["-metadata", "title=Part", file_url(target), "-y"]


def test_who_sees_frames_can_stop_the_job(tmp_path: Path, source: Path) -> None:
    graph, job = parted(source, tmp_path / "out.mkv")

    class Wrong(Exception):
        pass

    def look(frame: Frame, unit: Fraction) -> None:
        raise Wrong

    with pytest.raises(Wrong):
        run_once(graph, job.known, iter, job.binary, source="in", target="out", seen=look)
