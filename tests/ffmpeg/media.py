"""Makes small files with ffmpeg, looks into them, and stands in for the engine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.video.frame import Frame

SIZE = "64x48"
HDR10 = (
    "hdr10=1:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
)
LOSSLESS = "-c:v ffv1"


def ffmpeg(*words: str | Path, **options: Any) -> bytes:
    """Runs ffmpeg and returns its stdout."""
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60, **options).stdout


def clip(
    path: Path, *words: str | Path, frames: int = 10, filters: str = "null", sound: bool = False
) -> Path:
    """A moving test picture, every frame another, at 24 fps; `words` are output options."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={SIZE}:rate=24,{filters}"]
    if sound:
        inputs += ["-f", "lavfi", "-t", "1", "-i", "sine=sample_rate=8000"]
    ffmpeg(*inputs, "-frames:v", str(frames), *words, path)
    return path


def raw(path: Path, *words: str) -> np.ndarray[Any, np.dtype[Any]]:
    """All samples of all frames of the first video stream as stored: neither rotated nor converted."""
    data = ffmpeg(
        "-noautorotate", "-i", f"file:{path}", "-map", "0:v:0", *words,
        "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "-",
    )  # fmt: skip
    with av.open(f"file:{path}") as container:
        wide = container.streams.video[0].codec_context.pix_fmt.endswith("le")
    return np.frombuffer(data, np.uint16 if wide else np.uint8)


def times(path: Path) -> list[Fraction]:
    """Presentation times of the video frames in seconds."""
    with av.open(f"file:{path}") as container:
        return [Fraction(frame.pts) * Fraction(frame.time_base) for frame in container.decode(video=0)]


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(f"file:{path}") as container:
        return next(container.decode(video=0))


def packets(path: Path, index: int) -> list[bytes]:
    """The packets of a stream, as they are stored."""
    with av.open(f"file:{path}") as container:
        return [bytes(packet) for packet in container.demux(container.streams[index]) if packet.size]


class Flip:
    """Stands in for a Derainer: flips the lowest bit of every sample, and lags as a real one does."""

    def __init__(self, after: Callable[[int], None] | None = None) -> None:
        self.after = after
        self.colors: set[Any] = set()

    def stream(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        waiting: list[Frame] = []
        for count, frame in enumerate(frames):
            self.colors.add(frame.color)
            planes = tuple(plane ^ 1 if plane.dtype.kind == "u" else plane + 1 for plane in frame.planes)
            waiting.append(replace(frame, planes=planes))
            if len(waiting) > 2:
                yield waiting.pop(0)
            if self.after is not None:
                self.after(count)
        yield from waiting


def near(after: list[Fraction], before: list[Fraction], tolerance: Fraction = Fraction(0)) -> bool:
    """Whether two lists of times agree."""
    return len(after) == len(before) and all(
        abs(a - b) <= tolerance for a, b in zip(after, before, strict=True)
    )
