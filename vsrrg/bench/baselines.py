"""What needs no network: numpy's min(input, median of 3), and ffmpeg's `tmedian`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import PIPE
from typing import Any

import numpy as np

from vsrrg.bench.case import LEAST, Case, Effort
from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage, held_bytes, stored_as
from vsrrg.bench.memory import peak_ram
from vsrrg.bench.parts import Part
from vsrrg.bench.passes import pass_length, play
from vsrrg.errors import FormatError, MediaError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.process import Child
from vsrrg.video.frame import Frame, Plane
from vsrrg.video.pix_fmts import PixFmt, write_planes

LOOPED = 96
"""Frames that `tmedian` is shown at least, so that its start counts little."""


def min_median_part(case: Case, effort: Effort) -> Part:
    """Turns are passes of numpy's min(input, median of 3); one thread, whatever the case says."""
    fmt = parse_format(case.format)
    head = footage(effort.video, case.width, case.height, fmt, LEAST)
    start = play(min_median, head).first
    count = pass_length(effort, play(min_median, head).seconds)
    frames = footage(effort.video, case.width, case.height, fmt, count)
    play(min_median, frames)

    def turn() -> dict[str, Any]:
        one = play(min_median, frames)
        return {"seconds": one.seconds, "first": one.first}

    ram = peak_ram() - held_bytes(head, frames)
    return Part(_ready(count, start, ram, 1, held_bytes(head[:1])), {"turn": turn})


def tmedian_part(case: Case, effort: Effort) -> Part:
    """Turns are runs of ffmpeg's `tmedian=radius=1` on raw frames; starting the program counts as latency.

    Raises:
        FormatError, MediaError: as `tmedian`.
    """
    count = effort.frames or LEAST
    frames = footage(effort.video, case.width, case.height, parse_format(case.format), count)
    folder = Path(tempfile.mkdtemp(prefix="raw-"))
    raw = folder / "frames.raw"
    write_raw(frames, raw)
    cold = tmedian(raw, frames[0], count, case.threads)

    def turn() -> dict[str, Any]:
        run = tmedian(raw, frames[0], count, case.threads)
        return {"seconds": run.seconds, "first": run.start}

    ready = _ready(cold.frames, cold.start, cold.peak_ram, case.threads, held_bytes(frames[:1]))
    return Part(ready, {"turn": turn})


def _ready(frames: int, start: float, peak_ram: int, threads: int | None, frame_bytes: int) -> dict[str, Any]:
    return {
        "frames": frames,
        "start": start,
        "peak_ram": peak_ram,
        "peak_vram": None,
        "precision": None,
        "threads": threads,
        "frame_bytes": frame_bytes,
    }


def min_median(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The minimum of each frame and the median of it and its two neighbours, plane by plane; beyond the ends
    the end itself stands in.
    """
    before: Frame | None = None
    current: Frame | None = None
    for after in frames:
        if current is not None:
            yield _lowered(before or current, current, after)
        before, current = current, after
    if current is not None:
        yield _lowered(before or current, current, current)


def _lowered(before: Frame, frame: Frame, after: Frame) -> Frame:
    planes = zip(before.planes, frame.planes, after.planes, strict=True)
    return replace(frame, planes=tuple(_least(a, x, b) for a, x, b in planes))


def _least(before: Plane, plane: Plane, after: Plane) -> Plane:
    # min(x, median(a, x, b)) is min(x, max(a, b)): where x lies above both, the median is the greater of
    # them, and elsewhere it is no less than x.
    highest: Plane = np.maximum(before, after)
    return np.minimum(plane, highest, out=highest)


@dataclass(frozen=True)
class FilterRun:
    """One run of ffmpeg over raw frames."""

    frames: int
    start: float
    """Seconds from starting the program to the end of its first frame."""
    seconds: float
    """Seconds a frame, from the end of the first frame to that of the last."""
    peak_ram: int
    """Bytes of the program at its peak; 0 where the system does not tell."""


def raw_format(frame: Frame) -> PixFmt:
    """ffmpeg's pixel format of a frame; FormatError if it has none."""
    pix_fmt = stored_as(frame.format)
    if pix_fmt is None:
        raise FormatError("unsupported-format", f"ffmpeg has no pixel format for {frame.format.name}")
    return pix_fmt


def write_raw(frames: Iterable[Frame], file: Path) -> None:
    """Writes raw video that `tmedian` can read."""
    with file.open("wb") as target:
        for frame in frames:
            target.write(write_planes(frame.planes, raw_format(frame)))


def tmedian(raw: Path, frame: Frame, count: int, threads: int | None) -> FilterRun:
    """Runs ffmpeg's `tmedian=radius=1` over the raw video of `count` frames like `frame`, from file to pipe.

    The file is read again and again until `LOOPED` frames have gone through.

    Raises:
        FormatError: ffmpeg has no such pixel format.
        MediaError: ffmpeg failed, as it does for formats that the filter would have converted.
    """
    pix_fmt = raw_format(frame)
    size = pix_fmt.frame_bytes(frame.width, frame.height)
    rounds = -(-LOOPED // count)
    command = [find_ffmpeg(), "-v", "error", "-noauto_conversion_filters"]
    if threads:
        command += ["-filter_threads", str(threads)]
    kind = ["-f", "rawvideo", "-pix_fmt", pix_fmt.name, "-s", f"{frame.width}x{frame.height}"]
    command += ["-stream_loop", str(rounds - 1), *kind, "-i", f"file:{raw}", "-vf", "tmedian=radius=1"]
    began = time.perf_counter()
    with Child([*command, "-f", "rawvideo", "-"], stdout=PIPE) as child:
        buffer = memoryview(bytearray(size))
        done, filled, first, last, peak = 0, 0, 0.0, 0.0, 0
        # An unbuffered pipe is a RawIOBase, whose `readinto` IO[bytes] does not know.
        while read := child.stdout.readinto(buffer[filled:]):  # type: ignore[attr-defined]
            filled += read
            if filled == size:
                done, filled, last = done + 1, 0, time.perf_counter()
                first = first or last
                if done == rounds * count // 2:
                    peak = peak_ram(child.pid)
        failure = child.failure()
        if failure is not None and any("do not have a common format" in line for line in child.messages):
            raise MediaError("ffmpeg-failed", f"ffmpeg's tmedian does not take {pix_fmt.name}")
        if failure is not None or done < 2:
            raise MediaError("ffmpeg-failed", f"ffmpeg's tmedian failed: {failure or 'no frame came out'}")
    return FilterRun(done, first - began, (last - first) / (done - 1), peak)
