"""A piece of the demo, and how much rain there is in a clip."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vsrrg.ffmpeg.binary import find_ffmpeg

EXAMPLES = Path(__file__).parents[2] / "examples"
FRAMES = 8


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of 192x128 pixels."""
    path = tmp_path_factory.mktemp("demo") / "rain.mp4"
    command = [find_ffmpeg(), "-v", "error", "-i", EXAMPLES / "rain-demo.mp4", "-frames:v", str(FRAMES)]
    command += ["-vf", "crop=192:128:80:112", "-c:v", "libx264", "-qp", "10", path]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def rain(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That clip as rain.mp4 in the current directory, which is empty besides."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rain.mp4"
    path.write_bytes(demo.read_bytes())
    return path


@pytest.fixture
def rain_left(demo: Path) -> Callable[[Path], float]:
    """The share of the demo's rain that is left in a clip of as many frames.

    Rain is what is brighter than in the frames before and after.
    """
    before = luma(demo)

    def share(path: Path) -> float:
        after = luma(path)
        assert after.shape == before.shape
        return above(after) / above(before)

    return share


def luma(path: Path) -> Any:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="gray") for frame in container.decode(video=0)]).astype(
            float
        )


def above(clip: Any) -> float:
    rise = clip[1:-1] - np.maximum(clip[:-2], clip[2:])
    return float(np.maximum(rise, 0).mean())
