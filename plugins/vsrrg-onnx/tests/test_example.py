"""`examples/onnx_window.py` derains as vsrrg does with torch, and has nothing of either."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from onnx_support import DEMO, Smallest, codes_apart, demo, descriptor
from torch import Tensor
from vsrrg_onnx.export import export_model

from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.engine import Derainer
from vsrrg.hooks.resolve import find_model
from vsrrg.video import ColorSpec, Frame

SCRIPT = DEMO.with_name("onnx_window.py")
ALONE = """
import runpy, sys
sys.modules.update(vsrrg=None, torch=None)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def write(path: Path, frames: list[Frame], *, full: bool) -> None:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        stream.codec_context.color_range = 2 if full else 1
        for frame in frames:
            whole = np.concatenate([plane.ravel() for plane in frame.planes])
            picture = whole.reshape(-1, frame.width)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        file.mux(stream.encode())


def read(path: Path, like: Frame) -> list[Frame]:
    frames = []
    with av.open(str(path)) as file:
        for picture in file.decode(video=0):
            planes = tuple(
                np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
                for plane in picture.planes
            )
            frames.append(Frame(planes, like.format, like.color))
    return frames


@pytest.mark.parametrize(
    ("model", "count", "width", "height", "full"),
    [("fast", 8, 160, 96, False), ("fast", 1, 48, 34, False), ("wide", 4, 44, 70, True)],
)
def test_same_pixels(tmp_path: Path, model: str, count: int, width: int, height: int, full: bool) -> None:
    network = find_model("fast") if model == "fast" else descriptor(Wide, radius=2, multiple=8)
    clip = demo(count, width, height)
    if full:
        clip = [Frame(frame.planes, frame.format, ColorSpec("bt709", "full")) for frame in clip]
    write(tmp_path / "rain.mkv", clip, full=full)
    export_model(network, tmp_path / "model.onnx")

    words = [tmp_path / "model.onnx", tmp_path / "rain.mkv", tmp_path / "clean.mkv"]
    done = subprocess.run([sys.executable, "-c", ALONE, SCRIPT, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    session = TorchBackend().open(network, device="cpu", precision="fp32")
    expected = list(Derainer(session, scene_cuts=False).stream(clip))
    clean = read(tmp_path / "clean.mkv", clip[0])
    apart = codes_apart(clean, expected)
    assert len(clean) == count and apart.max() <= 1 and (apart > 0).mean() < 1e-3
    assert count == 1 or (codes_apart(clip, clean) > 4).mean() > 0.01


class Wide(Smallest):
    """Looks at five frames, each of which counts otherwise."""

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        return 0.1 * self.weight * sum((i - 1) * frame for i, frame in enumerate(window))


def test_other_formats_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "rgb.mkv"), "w") as file:
        stream = file.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "bgr0"
        file.mux(stream.encode(av.VideoFrame(16, 16, "bgr0")))
        file.mux(stream.encode())
    words = [tmp_path / "model.onnx", tmp_path / "rgb.mkv", tmp_path / "clean.mkv"]
    done = subprocess.run([sys.executable, "-c", ALONE, SCRIPT, *words], capture_output=True, text=True)
    assert done.returncode == 1 and "convert it to yuv420p first" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "clean.mkv").exists()
