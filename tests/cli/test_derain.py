"""vsrrg derain, as users run it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.cli.cli_support import python

pytestmark = pytest.mark.timeout(60)

RUN = """
import sys
from dataclasses import replace
from vsrrg.hooks import resolve
class Flip:
    def __init__(self, options):
        chosen = options.model, options.strength, options.output, options.lookahead, options.scene_cuts
        print("options:", *chosen, file=sys.stderr)
    def stream(self, frames):
        for frame in frames:
            yield replace(frame, planes=tuple(plane ^ 1 for plane in frame.planes))
resolve.create_derainer = Flip
from vsrrg.cli.main import main
main()
"""
"""The shell program, with a stand-in for the engine that flips the lowest bits."""


def vsrrg(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return python("-c", RUN, *words)


def luma(path: Path) -> Any:
    with av.open(str(path)) as container:
        frames = [(frame.to_ndarray(), frame.height) for frame in container.decode(video=0)]
    return np.array([data[0] if data.ndim == 3 else data[:rows] for data, rows in frames])


def test_a_file(rainy: Path, tmp_path: Path) -> None:
    done = vsrrg(
        "derain",
        rainy,
        tmp_path / "clean.mkv",
        "--model",
        "fast",
        "--strength",
        "0.5",
        "--lookahead",
        "0",
        "--no-scene-cuts",
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "options: fast 0.5 clean 0 False\n"  # not a terminal: no progress, no summary
    assert np.array_equal(luma(tmp_path / "clean.mkv"), luma(rainy) ^ 1)


def test_options_reach_ffmpeg(rainy: Path, tmp_path: Path) -> None:
    words = ["-c:v", "ffv1", "--filter-in", "crop=32:24:0:0", "--filter-out", "hflip", "--pix-fmt", "yuv444p"]
    done = vsrrg("derain", rainy, tmp_path / "clean.mkv", *words, "--ffmpeg-args", "-metadata title=Dry")
    assert done.returncode == 0, done.stderr
    with av.open(str(tmp_path / "clean.mkv")) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("ffv1", "yuv444p", 32, 24)
        assert container.metadata["title"] == "Dry"
    before = luma(rainy)[:, :24, :32]
    assert np.array_equal(luma(tmp_path / "clean.mkv"), (before ^ 1)[..., ::-1])


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["none.mkv", "out.mkv"], 1, "vsrrg: 'none.mkv' does not exist [source-missing]\n"),
        (["IN", "IN"], 1, "is the input itself; write to another file [target-is-source]\n"),
        (["IN", "out.mkv", "--strength", "7"], 2, "strength must be a number from 0"),
        (["IN", "out.mkv", "--encoder", "libx999"], 2, "this ffmpeg has no encoder 'libx999'"),
        (["IN", "out.mkv", "--encoder", "x264"], 2, "'x264': did you mean 'libx264'? [unknown-encoder]"),
        (["IN", "out.mkv", "--pix-fmt", "yuv420p10"], 2, "did you mean 'yuv420p10le'? [unknown-pix-fmt]"),
        (["none.mkv", "out.mkv", "--model", "gneral"], 2, "no model named 'gneral'"),
        (["IN", "out.mkv", "--device", "gpu"], 2, "device 'gpu' does not exist; choose 'cpu'"),
        (["IN", "out.mkv", "--filter", "none"], 2, "[unknown-filter]"),
        (["IN", "IN", "out"], 2, "would both become 'out/rainy.mkv'"),
        (["IN", "-"], 1, "'-' is no file; 'vsrrg pipe' writes raw video to stdout"),
        (["-", "out.mkv"], 1, "'-' does not exist; 'vsrrg pipe' reads raw video from stdin"),
        (["*.none", "out"], 2, "no file matches '*.none'"),
    ],
)
def test_mistakes_are_one_sentence(rainy: Path, words: list[str], code: int, message: str) -> None:
    done = vsrrg("derain", *(str(rainy) if word == "IN" else word for word in words))
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1 and done.stdout == ""


def test_overwriting_must_be_asked_for(rainy: Path, tmp_path: Path) -> None:
    target = tmp_path / "clean.mkv"
    target.write_bytes(b"precious")
    done = vsrrg("derain", rainy, target)
    assert (done.returncode, target.read_bytes()) == (1, b"precious")
    assert vsrrg("derain", rainy, target, "-y").returncode == 0
    assert len(luma(target)) == len(luma(rainy))


def test_progress_and_summary_on_a_terminal(rainy: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "VSRRG_PLUGINS": "off",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TERM": "xterm",
    }
    words = [sys.executable, "-c", RUN, "derain", str(rainy), str(tmp_path / "clean.mkv")]
    job = subprocess.Popen(words, stderr=theirs, stdout=subprocess.PIPE, env=environment)
    os.close(theirs)
    seen = b""
    while True:
        try:
            data = os.read(ours, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
    assert job.wait() == 0
    os.close(ours)
    assert b"9/9" in seen
    assert b"9 frames in " in seen and b" fps" in seen
    assert job.stdout is not None and job.stdout.read() == b""


def test_help_is_helpful() -> None:
    done = vsrrg("derain", "--help")
    for word in (
        "IN... OUT",
        "Exit codes:",
        "--filter-in",
        "--encoder",
        "Examples:",
        "vsrrg derain rain.mp4 clean.mkv",
    ):
        assert word in done.stdout
