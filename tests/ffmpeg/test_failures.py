"""Whatever goes wrong ends in one sentence, with no process and no file left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ffmpeg.media import Flip, clip, ffmpeg
from vsrrg.errors import MediaError, OptionError
from vsrrg.ffmpeg import process, run
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.process import Child, telling_line
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("flip")]


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Child]]:
    """The processes that the test started; all of them have ended when it ends."""
    started: list[Child] = []

    class Counted(Child):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[arg-type]
            started.append(self)

    monkeypatch.setattr(run, "Child", Counted)
    yield started
    for child in started:
        with pytest.raises(ProcessLookupError):
            os.kill(child.pid, 0)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return clip(tmp_path / "in.mkv", "-c:v", "libx264", frames=60)


def fails(source: Path, target: Path, message: str, **options: str) -> None:
    """Deraining fails with the message, and leaves the target's folder as it was."""
    before = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    with pytest.raises((MediaError, OptionError), match=message) as caught:
        derain_file(source, target, None, EncodeOptions(**options))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert before == (sorted(target.parent.iterdir()) if target.parent.is_dir() else [])


def test_missing_file(tmp_path: Path) -> None:
    fails(tmp_path / "none.mkv", tmp_path / "out.mkv", r"none\.mkv' does not exist$")


def test_not_a_video(tmp_path: Path) -> None:
    text = tmp_path / "text.mkv"
    text.write_text("no video at all\n" * 100)
    fails(text, tmp_path / "out.mkv", "cannot be read as video: Invalid data")
    fails(tmp_path, tmp_path / "out.mkv", "is a folder; give a video file")
    (tmp_path / "empty.mp4").touch()
    fails(tmp_path / "empty.mp4", tmp_path / "out.mkv", "cannot be read as video")


def test_no_video_stream(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-t", "0.1", "-i", "sine", tmp_path / "sound.wav")
    fails(tmp_path / "sound.wav", tmp_path / "out.mkv", "has no video stream")
    clip(tmp_path / "cover.png", "-update", "1", frames=1)
    ffmpeg("-i", tmp_path / "sound.wav", "-i", tmp_path / "cover.png", "-map", "0", "-map", "1",
           "-c:v", "copy", "-disposition:v", "attached_pic", tmp_path / "song.m4a")  # fmt: skip
    fails(tmp_path / "song.m4a", tmp_path / "out.mkv", "has no video stream")


def test_targets_that_cannot_be(tmp_path: Path, source: Path) -> None:
    fails(source, tmp_path / "none" / "out.mkv", "the folder of .* does not exist")
    fails(source, tmp_path / "out", "no suffix that tells the container")
    (tmp_path / "folder.mkv").mkdir()
    fails(source, tmp_path / "folder.mkv", "is a folder; name a file in it")


def test_options_that_ffmpeg_refuses(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.mkv"
    fails(source, target, "this ffmpeg has no encoder 'libx999'", encoder="libx999")
    fails(source, target, "cannot be decoded: No such filter: 'derian'", filter_in="derian")
    fails(source, target, "cannot be written: No such filter: 'unsharpp'", filter_out="unsharpp")
    fails(
        source,
        target,
        r"cannot be written: .*invalid|cannot be written: Error setting preset",
        preset="slowish",
    )
    fails(source, target, "Unrecognized option 'bogus'", ffmpeg_args="-bogus 1")
    sounding = clip(tmp_path / "sounding.mkv", "-c:v", "ffv1", "-c:a", "flac", sound=True)
    fails(sounding, target, "Unknown encoder 'wma9'", ffmpeg_args="-c:a wma9")
    fails(source, target, "cannot be decoded: it holds no frame", filter_in="trim=start=100")


def test_container_that_cannot_hold_the_codec(tmp_path: Path, source: Path) -> None:
    fails(source, tmp_path / "out.webm", "cannot be written: Only VP8 or VP9 or AV1", encoder="libx264")


def wrapper(folder: Path, line: str) -> str:
    """A program that runs the real ffmpeg after a line of shell."""
    script = folder / "ffmpeg-wrapped"
    script.write_text(f'#!/bin/sh\n{line}\nexec "{find_ffmpeg()}" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def test_full_disk(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files may grow to 16 KiB only, and the signal about it is ignored: a write fails as on a full disk.
    limited = wrapper(tmp_path_factory.mktemp("bin"), "trap '' XFSZ; ulimit -f 32")
    monkeypatch.setenv("VSRRG_FFMPEG", limited)
    fails(
        source, tmp_path / "out.mkv", "out.mkv' cannot be written: .*File too large", ffmpeg_args="-c:v ffv1"
    )


def test_full_device_through_ffmpeg_python(source: Path) -> None:
    import ffmpeg as ffmpeg_python

    import vsrrg.ffmpeg

    output = vsrrg.ffmpeg.derain(ffmpeg_python.input(str(source))).output(
        "/dev/full", format="matroska", vcodec="ffv1"
    )
    with pytest.raises(MediaError, match=r"the output cannot be written: .*No space left on device"):
        output.overwrite_output().run()


@pytest.mark.parametrize(
    ("which", "role"), [(0, "in.mkv' cannot be decoded"), (1, "out.mkv' cannot be written")]
)
def test_killed_child(
    tmp_path: Path, source: Path, flip: Flip, children: list[Child], which: int, role: str
) -> None:
    def kill(count: int) -> None:
        if count == 10:
            os.kill(children[which].pid, signal.SIGKILL)
        time.sleep(0.01)

    flip.after = kill
    fails(source, tmp_path / "out.mkv", f"{role}: ffmpeg was killed by SIGKILL", filter_in="scale=640:480")


def test_failing_engine(tmp_path: Path, source: Path, flip: Flip) -> None:
    def fail(count: int) -> None:
        if count == 10:
            raise MediaError("decoding-failed", "the engine fails")

    flip.after = fail
    fails(source, tmp_path / "out.mkv", "the engine fails")


def test_failing_progress(tmp_path: Path, source: Path) -> None:
    class Bad(Exception):
        pass

    def progress(done: int, total: int | None) -> None:
        if done == 5:
            raise Bad

    with pytest.raises(Bad):
        derain_file(source, tmp_path / "out.mkv", progress=progress)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


def test_damaged_file(tmp_path: Path) -> None:
    """What can be decoded is derained, as ffmpeg itself would do, and that is told."""
    whole = clip(tmp_path / "whole.ts", "-c:v", "libx264", frames=60).read_bytes()
    third = len(whole) // 564 * 188
    (tmp_path / "damaged.ts").write_bytes(whole[:third] + bytes(third) + whole[2 * third :])
    result = derain_file(tmp_path / "damaged.ts", tmp_path / "out.mkv")
    assert 0 < result.frames < 60
    (note,) = result.notes
    assert note.startswith("has what ffmpeg could decode of a damaged input; it says: ")
    assert "@ 0x" not in note and "[error]" not in note


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(tmp_path: Path, source: Path, number: signal.Signals, code: int) -> None:
    script = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start deaf to it
from vsrrg.hooks import resolve
class Slow:
    def stream(self, frames):
        for frame in frames:
            print("frame", flush=True)
            time.sleep(0.2)
            yield frame
resolve.create_derainer = lambda options: Slow()
from vsrrg.cli.main import main
main()
"""
    job = subprocess.Popen(
        [sys.executable, "-c", script, "derain", str(source), str(tmp_path / "out.mkv")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "VSRRG_PLUGINS": "off"},
    )
    assert job.stdout is not None and job.stdout.readline() == b"frame\n"
    time.sleep(0.3)
    job.send_signal(number)
    _, messages = job.communicate(timeout=15)
    assert job.returncode == code
    assert b"Traceback" not in messages
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


def test_messages_are_drained_and_bounded() -> None:
    script = "import sys; [print('message', i, file=sys.stderr) for i in range(100000)]; "
    script += "print('frame=17', file=sys.stderr); sys.exit(3)"
    with Child([sys.executable, "-c", script]) as child:
        assert child.failure() == "message 99999"
        assert child.frames == 17
        assert len(child.messages) <= 40


def test_child_that_would_run_for_ever() -> None:
    began = time.monotonic()
    with Child(["sleep", "60"]) as child:
        pass
    assert child.wait() == -signal.SIGKILL
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["[vost#0:0 @ 0x5f] Unknown encoder 'x'", "[vost#0:0 @ 0x5f] Error selecting an encoder",
          "Error opening output files: Encoder not found"], "Unknown encoder 'x'"),
        (["[a @ 0x1] [b @ 0x2] Only VP8 is supported.",
          "[out#0/webm @ 0x3] Could not write header (incorrect codec parameters ?): Invalid argument",
          "Conversion failed!"], "Only VP8 is supported"),
        (["Conversion failed!"], "Conversion failed!"),
        ([], "no message"),
    ],
)  # fmt: skip
def test_telling_line(lines: list[str], expected: str) -> None:
    assert telling_line(lines) == expected
    assert process.telling_line([*lines, ""]) == expected
