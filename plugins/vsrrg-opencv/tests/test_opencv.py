"""Real captures of a real file, through the real engine, against `vsrrg.derain_frames`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import vsrrg_opencv

import vsrrg
from vsrrg.errors import FormatError, MediaError, OptionError

README = Path(__file__).parents[1] / "README.md"
DEMO = README.parents[2] / "examples" / "rain-demo.mp4"
CHOICES: Any = {"model": "fast", "device": "cpu", "precision": "fp32"}
FRAMES = 7


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few small frames of the demo, as OpenCV itself writes them."""
    path = tmp_path_factory.mktemp("clip") / "rain.avi"
    demo = cv2.VideoCapture(str(DEMO))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (96, 64))
    for _ in range(FRAMES):
        writer.write(demo.read()[1][100:164, 200:296])
    writer.release()
    return path


@pytest.fixture(scope="module")
def frames(clip: Path) -> list[np.ndarray]:
    capture = cv2.VideoCapture(str(clip))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == FRAMES
    return frames


def of_rgb(frames: list[np.ndarray], **options: Any) -> list[np.ndarray]:
    """What `derain_frames` makes of the same frames in R, G, B, back in B, G, R."""
    given = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
    return [clean[..., ::-1] for clean in vsrrg.derain_frames(given, **CHOICES, **options)]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_capture_gives_the_pixels_of_rgb_frames(clip: Path, frames: list[np.ndarray]) -> None:
    capture = cv2.VideoCapture(str(clip))
    got = list(vsrrg_opencv.derain(capture, **CHOICES))
    assert same(got, of_rgb(frames)) and not same(got, frames)
    assert all(frame.flags.c_contiguous and frame.dtype == np.uint8 for frame in got)
    assert not capture.isOpened()


def test_vsrrg_derain_takes_captures(clip: Path, frames: list[np.ndarray]) -> None:
    options = {"strength": 0.5, "output": "rain", "scene_cuts": False}
    through_hooks: Any = vsrrg.derain(cv2.VideoCapture(str(clip)), **CHOICES, **options)
    assert same(list(through_hooks), of_rgb(frames, **options))
    live: Any = vsrrg.derain(cv2.VideoCapture(str(clip)), **CHOICES, low_latency=True)  # type: ignore[call-arg]
    assert same(list(live), of_rgb(frames, lookahead=0))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("gray", [False, True])
def test_other_frames(frames: list[np.ndarray], dtype: Any, gray: bool) -> None:
    peak = 255 if dtype == np.uint8 else 65535 if dtype == np.uint16 else 1
    given = [(frame.astype(np.float64) / 255 * peak).astype(dtype) for frame in frames[:4]]
    if gray:
        given = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in given]
        expected = list(vsrrg.derain_frames(given, **CHOICES))
    else:
        expected = of_rgb(given)
    got = list(vsrrg_opencv.derain(iter(given), **CHOICES))
    assert same(got, expected)
    assert {frame.dtype for frame in got} == {np.dtype(dtype)}


def test_live_each_frame_comes_out_before_the_next_is_read(frames: list[np.ndarray]) -> None:
    read = 0

    def camera() -> Iterator[np.ndarray]:
        nonlocal read
        for frame in frames:
            read += 1
            yield frame

    got = []
    for clean in vsrrg_opencv.derain(camera(), low_latency=True, **CHOICES):
        got.append(clean)
        assert read == len(got)
    assert same(got, of_rgb(frames, lookahead=0))
    assert not same(got, of_rgb(frames))


def test_closing_releases_the_capture(clip: Path) -> None:
    for begin in (False, True):
        capture = cv2.VideoCapture(str(clip))
        with vsrrg_opencv.derain(capture, **CHOICES) as video:
            if begin:
                next(video)
            assert capture.isOpened()
        assert not capture.isOpened()
        assert list(video) == []


def test_a_failure_releases_the_capture(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = cv2.VideoCapture(str(clip))
    video = vsrrg_opencv.derain(capture, **CHOICES)
    capture.set(cv2.CAP_PROP_POS_FRAMES, 3)
    monkeypatch.setattr("vsrrg_opencv.video._bgr", lambda frame: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(video)
    assert not capture.isOpened()


def test_captures_that_raise_at_the_end_end_too(clip: Path) -> None:
    capture = cv2.VideoCapture(str(clip))
    capture.setExceptionMode(True)
    assert len(list(vsrrg_opencv.derain(capture, **CHOICES))) == FRAMES


def test_a_camera_that_is_unplugged_loses_no_frame(clip: Path) -> None:
    class Unplugged:
        """Not a subclass: Python's garbage collector cannot bear those of OpenCV's classes."""

        def __init__(self) -> None:
            self.capture, self.reads = cv2.VideoCapture(str(clip)), 0
            self.isOpened, self.release = self.capture.isOpened, self.capture.release

        def read(self) -> Any:
            self.reads += 1
            return self.capture.read() if self.reads <= 3 else (False, None)

    camera: Any = Unplugged()
    assert len(list(vsrrg_opencv.derain(camera, **CHOICES))) == 3
    assert not camera.isOpened()


def test_what_is_refused(clip: Path, frames: list[np.ndarray]) -> None:
    with pytest.raises(MediaError, match="the capture is not open: there is no such file or camera"):
        vsrrg_opencv.derain(cv2.VideoCapture("none.avi"))
    with pytest.raises(OptionError, match=r"takes a cv2.VideoCapture, or frames .*, and not 'int' objects"):
        vsrrg_opencv.derain(0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="this is one frame: put it into a list"):
        vsrrg_opencv.derain(frames[0])
    for channels in (1, 4):
        with pytest.raises(OptionError, match="this is one frame: put it into a list"):
            vsrrg_opencv.derain(np.zeros((64, 96, channels), np.uint8))
    with pytest.raises(OptionError, match=r"takes a cv2.VideoCapture, or frames .*, and not 'str' objects"):
        vsrrg_opencv.derain("rain.mp4")  # type: ignore[arg-type]
    for wrong, meant in (("modell", "model"), ("low_latensy", "low_latency")):
        with pytest.raises(OptionError, match=rf"derain has no option '{wrong}': did you mean '{meant}'\?"):
            vsrrg_opencv.derain(frames, **{wrong: True})
    with pytest.raises(OptionError, match="low_latency looks at no frame of the future, lookahead=1 at some"):
        vsrrg_opencv.derain(frames, low_latency=True, lookahead=1)
    with pytest.raises(FormatError, match="numpy arrays, and not 'NoneType' objects: leave out what could"):
        list(vsrrg_opencv.derain([frames[0], None], **CHOICES))  # type: ignore[list-item]
    with pytest.raises(FormatError, match="drop its alpha channel"):
        list(vsrrg_opencv.derain([np.zeros((8, 8, 4), np.uint8)], **CHOICES))
    with pytest.raises(FormatError, match="frame 1 is 90x64 rgb8, but frame 0 is 96x64 rgb8"):
        list(vsrrg_opencv.derain([frames[0], frames[1][:, :90]], **CHOICES))
    assert len(list(vsrrg_opencv.derain(np.stack(frames[:2]), **CHOICES))) == 2


def test_opencv_is_not_imported_for_others() -> None:
    code = """
import sys
from vsrrg.hooks.manager import get_manager
from vsrrg_opencv import vsrrg_adapters
assert "opencv" in get_manager().active()
(adapter,) = vsrrg_adapters()
assert not adapter.accepts(object())
assert not {"cv2", "torch", "numpy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_code_of_the_readme(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rain.mp4").write_bytes(clip.read_bytes())
    capture, shown = cv2.VideoCapture, []
    monkeypatch.setattr(cv2, "VideoCapture", lambda source: capture(source or str(clip)))
    monkeypatch.setattr(cv2, "imshow", lambda name, frame: shown.append(frame), raising=False)
    monkeypatch.setattr(cv2, "waitKey", lambda wait: 27 if len(shown) == 3 else -1, raising=False)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL):
        exec(block, names)
    assert len(shown) == 3
