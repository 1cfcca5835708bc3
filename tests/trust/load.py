"""Long jobs: what a process takes stays the same, and the last frames are as right as the first.

python tests/trust/load.py                                  100,000 frames through `vsrrg pipe`, then
                                                            20,000 requests in VapourSynth
python tests/trust/load.py --pipe 2000 --vapoursynth 0      less of it
"""

from __future__ import annotations

import ctypes
import random
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.video import ColorSpec, Frame, PixelFormat

FORMAT, WIDTH, HEIGHT = PixelFormat("yuv", 8, sub_w=1, sub_h=1), 64, 48
LOOP = 50
"""Frames after which the clip begins again: what comes out must be the same again."""
CHOICES: dict[str, Any] = {"model": "fast", "device": "cpu"}
IN_FLIGHT = 64
"""Requests of VapourSynth that wait at the same time."""
CACHE = 4
"""Megabytes that VapourSynth may keep: few, for until they are full memory grows."""


@dataclass
class Held:
    """What a process held, sample by sample."""

    memory: list[int] = field(default_factory=list)
    """Resident bytes that belong to it alone."""
    used: list[int] = field(default_factory=list)
    """Bytes that its C allocator has given out: what is resident beyond may be holes between them. Only of
    this process.
    """
    descriptors: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)

    def look(self, pid: int | str = "self") -> None:
        """Take a sample."""
        if pid == "self":
            self.used.append(given_out())
        process = Path("/proc") / str(pid)
        status = dict(
            line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
        )
        self.memory.append(int(status["RssAnon"].split()[0]) << 10)
        self.threads.append(int(status["Threads"]))
        self.descriptors.append(len(list((process / "fd").iterdir())))

    def growth(self, values: Sequence[int]) -> int:
        """By how much the last fifth is above the second one, median against median."""
        fifth = len(values) // 5
        return int(np.median(values[-fifth:]) - np.median(values[fifth : 2 * fifth]))

    def told(self) -> str:
        used = (
            self.used and f", {np.median(self.used) / 1e6:.0f} in use ({self.growth(self.used) / 1e6:+.1f})"
        )
        return (
            f"{np.median(self.memory) / 1e6:.0f} MB of memory ({self.growth(self.memory) / 1e6:+.1f})"
            f"{used or ''}, "
            f"{self.descriptors[-1]} descriptors ({self.growth(self.descriptors):+d}), "
            f"{self.threads[-1]} threads ({self.growth(self.threads):+d})"
        )


class _Allocator(ctypes.Structure):
    """What glibc's mallinfo2 tells of all arenas."""

    _fields_ = [(f"_{n}", ctypes.c_size_t) for n in range(7)] + [
        ("given_out", ctypes.c_size_t),
        ("_8", ctypes.c_size_t),
        ("_9", ctypes.c_size_t),
    ]


def given_out() -> int:
    """Bytes that glibc's allocator has given out in this process, mapped blocks apart; 0 on other systems."""
    tell = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if tell is None:
        return 0
    tell.restype = _Allocator
    return int(tell().given_out)


def clip() -> list[Frame]:
    """Streaks over a picture, with a cut where the clip begins again."""
    rng = np.random.default_rng(0)
    shapes = [FORMAT.plane_shape(i, WIDTH, HEIGHT) for i in range(3)]
    still = [rng.integers(60, 160, shape) for shape in shapes]
    frames = []
    for _ in range(LOOP):
        planes = [plane.astype(np.uint8) for plane in still]
        for column in rng.integers(0, WIDTH, 12):
            top = rng.integers(0, HEIGHT - 12)
            planes[0][top : top + 12, column] += 50
        frames.append(Frame(tuple(planes), FORMAT, ColorSpec("bt709", "limited")))
    return frames


def wanted(frames: Sequence[Frame]) -> list[bytes]:
    """What comes of each frame of a clip that goes round and round."""
    around = create_derainer(Options(**CHOICES)).stream([*frames[-10:], *frames, *frames[:10]])
    return [content(frame.planes) for frame in list(around)[10:-10]]


def content(planes: Sequence[np.ndarray]) -> bytes:
    return b"".join(plane.tobytes() for plane in planes)


def through_pipe(count: int) -> Held:
    """So many frames through a process of `vsrrg pipe`; raises AssertionError if one comes out wrong."""
    frames, held = clip(), Held()
    expected = wanted(frames)
    size = len(expected[0])
    words = [word for name, value in CHOICES.items() for word in (f"--{name}", value)]
    process = subprocess.Popen(
        [sys.executable, "-m", "vsrrg", "pipe", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    feeder = threading.Thread(target=_feed, args=(process.stdin, frames, count))
    feeder.start()
    process.stdout.readline()
    for n in range(count):
        assert process.stdout.readline() == b"FRAME\n", f"frame {n} is missing"
        got = process.stdout.read(size)
        if 10 <= n < count - 10:
            assert got == expected[n % LOOP], f"frame {n} is another one than frame {n % LOOP}"
        if n >= count // 10 and n % max(1, count // 100) == 0:
            held.look(process.pid)
    assert process.stdout.read() == b""
    feeder.join()
    assert process.wait(10) == 0
    return held


def _feed(stream: Any, frames: Sequence[Frame], count: int) -> None:
    with stream:
        stream.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F25:1 Ip C420mpeg2\n".encode())
        for n in range(count):
            stream.write(b"FRAME\n" + content(frames[n % LOOP].planes))


def through_vapoursynth(count: int) -> Held:
    """So many frames asked for in any order, many at once; raises AssertionError if one comes out wrong."""
    import vapoursynth as vs

    import vsrrg

    core = vs.core
    core.max_cache_size = CACHE
    frames, held = clip(), Held()
    expected = wanted(frames)
    blank = core.std.BlankClip(format=vs.YUV420P8, width=WIDTH, height=HEIGHT, length=count, keep=True)

    def show(n: int, f: vs.VideoFrame) -> vs.VideoFrame:
        made = f.copy()
        for plane, samples in enumerate(frames[n % LOOP].planes):
            np.asarray(made[plane])[...] = samples
        made.props["_Matrix"], made.props["_Range"] = 1, 0
        return made

    clean = vsrrg.derain(blank.std.ModifyFrame(blank, show), num_streams=2, **CHOICES)
    rng = random.Random(1)
    waiting: deque[tuple[int, Any]] = deque()
    for asked in range(count):
        n = rng.randrange(10, count - 10)
        waiting.append((n, clean.get_frame_async(n)))
        if len(waiting) == IN_FLIGHT:
            _check(waiting.popleft(), expected)
        if asked >= count // 10 and asked % max(1, count // 100) == 0:
            held.look()
    while waiting:
        _check(waiting.popleft(), expected)
    return held


def _check(request: tuple[int, Any], expected: Sequence[bytes]) -> None:
    n, future = request
    with future.result() as frame:
        got = content([np.asarray(plane) for plane in frame])
    assert got == expected[n % LOOP], f"frame {n} is another one than frame {n % LOOP}"


def jobs(pipe: int, vapoursynth: int) -> Iterator[tuple[str, Held]]:
    """Each job that was asked for, and what it held."""
    if pipe:
        yield f"vsrrg pipe, {pipe:,} frames", through_pipe(pipe)
    if vapoursynth:
        yield f"VapourSynth, {vapoursynth:,} requests", through_vapoursynth(vapoursynth)


@click.command(help=__doc__.replace("first.\n", "first.\n\n\b", 1))
@click.option("--pipe", type=click.IntRange(0), default=100_000, show_default=True)
@click.option("--vapoursynth", type=click.IntRange(0), default=20_000, show_default=True)
def main(pipe: int, vapoursynth: int) -> None:
    for name, held in jobs(pipe, vapoursynth):
        print(f"{name}: {held.told()}", flush=True)


if __name__ == "__main__":
    main()
