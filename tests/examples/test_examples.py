"""Every example runs as its first lines say, and takes rain away."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vsrrg.engine import Options
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.transcode import derain_file

EXAMPLES = Path(__file__).parents[2] / "examples"
TOOLS = {"make_demo.py", "runtimes.py"}
"""Scripts of the project's own, which tests/cli/test_demo.py and docs/decisions.md speak of."""
ELSEWHERE = {"onnx_window.py": "plugins/vsrrg-onnx/tests/test_example.py"}
"""Examples of plugins that have tests of their own."""
LEFT = 0.5
"""Share of the rain that may be left."""

type RainLeft = Callable[[Path], float]


def run(monkeypatch: pytest.MonkeyPatch, name: str, *words: str) -> None:
    """Run an example in Python."""
    monkeypatch.setattr(sys, "argv", [name, *words])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def shell(tmp_path: Path, name: str, *words: str) -> None:
    """Run an example of the shell, as in an activated environment with an ffmpeg."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ffmpeg").symlink_to(find_ffmpeg())
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        ["bash", EXAMPLES / name, *words], env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["ffmpeg_graph.py", "numpy_frames.py", "torch_frames.py"])
def test_in_python(monkeypatch: pytest.MonkeyPatch, rain: Path, rain_left: RainLeft, name: str) -> None:
    run(monkeypatch, name, "rain.mp4", "clean.mp4")
    assert rain_left(rain.with_name("clean.mp4")) < LEFT


def test_a_webcam(monkeypatch: pytest.MonkeyPatch, rain: Path, rain_left: RainLeft) -> None:
    run(monkeypatch, "webcam.py", "rain.mp4", "--record", "clean.avi")
    assert rain_left(rain.with_name("clean.avi")) < LEFT


@pytest.mark.parametrize("name", ["vspipe_x265.sh", "ffmpeg_pipe.sh"])
def test_in_the_shell(tmp_path: Path, rain: Path, rain_left: RainLeft, name: str) -> None:
    shell(tmp_path, name, "rain.mp4", "clean.mkv")
    assert rain_left(rain.with_name("clean.mkv")) < LEFT


def test_training(tmp_path: Path, rain: Path, rain_left: RainLeft) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    rain.rename(clips / "dry.mp4")
    small = ("workers=0", "optim.batch=1", "data.crop=32", "data.frames=4", "log_every=1")
    overrides = [word for setting in small for word in ("--set", setting)]
    shell(tmp_path, "train_on_own_clips.sh", "clips", "run", "--steps", "2", *overrides)
    derain_file(
        clips / "dry.mp4", tmp_path / "clean.mkv", Options(model=str(tmp_path / "run/own.safetensors"))
    )
    assert rain_left(tmp_path / "clean.mkv") < LEFT


def test_each_says_how_to_run_it_and_is_run_here() -> None:
    own = Path(__file__).read_text()
    for path in EXAMPLES.iterdir():
        source = (EXAMPLES.parent / ELSEWHERE[path.name]).read_text() if path.name in ELSEWHERE else own
        if path.suffix in (".py", ".sh", ".vpy") and path.name not in TOOLS:
            assert re.search(rf"(python|bash|vspipe).* \S*{path.name} ", path.read_text()), path.name
            assert path.name in source or path.name == "derain.vpy"
