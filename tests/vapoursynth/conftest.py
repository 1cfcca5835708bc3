"""Every test here runs the real VapourSynth core and the real engine, with a model that needs no training."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import pytest
import vapoursynth as vs

from vsrrg.hooks import resolve
from vsrrg.vapoursynth import derain as derain_clip

sys.path.append(str(Path(__file__).parent))

import vs_support

FRAMES = 20


@pytest.fixture(autouse=True)
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "model_offer", vs_support.model_offer)


@pytest.fixture
def derain() -> Callable[..., vs.VideoNode]:
    """`derain` with the tests' model."""
    return partial(derain_clip, model=vs_support.MODEL, device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An H.264 file with B-frames and a key frame every 8 frames, so that seeking is not trivial."""
    path = tmp_path_factory.mktemp("video") / "source.mkv"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", "testsrc2=size=64x48:rate=30000/1001,noise=alls=20:allf=t", "-frames:v", str(FRAMES)]
    command += [
        "-c:v",
        "libx264",
        "-g",
        "8",
        "-bf",
        "2",
        "-pix_fmt",
        "yuv420p",
        "-colorspace",
        "bt709",
        str(path),
    ]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def source(video: Path, tmp_path: Path) -> vs.VideoNode:
    return vs.core.bs.VideoSource(str(video), cachepath=str(tmp_path / "index"), showprogress=False)
