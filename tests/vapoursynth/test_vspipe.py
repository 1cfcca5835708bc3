"""Real scripts, run by the real vspipe on a real file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from vs_support import MODEL, pixels

import vsrrg

HERE = Path(__file__).parent
VSPIPE = Path(sys.executable).parent / "vspipe"
EXAMPLE = HERE.parents[1] / "examples" / "derain.vpy"

SCRIPT = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import vapoursynth as vs
import vs_support
import vsrrg

vs_support.register_model()
clip = vs.core.bs.VideoSource(source, cachepath=index, showprogress=False)
vsrrg.derain(clip, model={MODEL!r}, device="cpu", precision="fp32", num_streams=int(streams)).set_output()
"""


@pytest.fixture(scope="module")
def vspipe(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs vspipe as an activated environment does.

    With `vapoursynth` on PATH it configures itself, in the user's configuration: here, a folder.
    """
    path = f"{VSPIPE.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ,
        "PATH": path,
        "XDG_CONFIG_HOME": str(tmp_path_factory.mktemp("config")),
        # In bf16 the order of sums, and so the last bit, depends on the number of threads.
        "OMP_NUM_THREADS": str(torch.get_num_threads()),
    }

    def run(script: Path, *options: str, **args: object) -> subprocess.CompletedProcess[bytes]:
        command = [str(VSPIPE), *options]
        for name, value in args.items():
            command += ["--arg", f"{name}={value}"]
        return subprocess.run([*command, str(script), "-"], capture_output=True, timeout=100, env=environment)

    return run


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.vpy"
    path.write_text(SCRIPT)
    return path


@pytest.mark.parametrize("streams", [1, 3])
def test_script_gives_the_same_pixels(vspipe, derain, source, video, script, tmp_path, streams):
    done = vspipe(script, source=video, index=tmp_path / "index", streams=streams)
    assert done.returncode == 0, done.stderr.decode()
    assert "Core freed but" not in done.stderr.decode()
    expected = b"".join(p.tobytes() for frame in pixels(derain(source)) for p in frame)
    assert done.stdout == expected


def test_script_started_in_the_middle(vspipe, derain, source, video, script, tmp_path):
    done = vspipe(
        script, "-c", "y4m", "-s", "9", "-e", "12", source=video, index=tmp_path / "index", streams=1
    )
    assert done.returncode == 0, done.stderr.decode()
    header, _, rest = done.stdout.partition(b"\n")
    assert {b"W64", b"H48", b"F30000:1001"} <= set(header.split())
    frames = [part for part in rest.split(b"FRAME\n") if part]
    expected = pixels(derain(source))[9:13]
    assert frames == [b"".join(p.tobytes() for p in frame) for frame in expected]


def test_errors_reach_the_user(vspipe, video, tmp_path):
    path = tmp_path / "script.vpy"
    path.write_text(SCRIPT.replace("num_streams=", "strength=-3, num_streams="))
    done = vspipe(path, source=video, index=tmp_path / "index", streams=1)
    assert done.returncode != 0
    assert "derain: " in done.stderr.decode() and "strength" in done.stderr.decode()


def test_the_example(vspipe, source, video, tmp_path):
    copied = tmp_path / "rain.mkv"
    copied.write_bytes(video.read_bytes())
    done = vspipe(EXAMPLE, input=copied)
    assert done.returncode == 0, done.stderr.decode()
    frames = np.frombuffer(done.stdout, np.uint8).reshape(source.num_frames, -1)
    expected = [b"".join(p.tobytes() for p in frame) for frame in pixels(vsrrg.derain(source))]
    assert [frame.tobytes() for frame in frames] == expected
