"""What the adapters leave of the engine's speed: through VapourSynth, and from file to file."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING

import numpy as np

from vsrrg.bench.baselines import raw_format
from vsrrg.bench.case import LEAST, MOST, AdapterResult, Case, Effort, Spread
from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage
from vsrrg.bench.passes import pass_length, play
from vsrrg.errors import FormatError, MediaError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.encoders import choose_encoder, quality_options
from vsrrg.ffmpeg.process import Child, telling_line
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import write_planes
from vsrrg.video.vapoursynth_formats import to_vapoursynth

if TYPE_CHECKING:
    import vapoursynth as vs

    from vsrrg.engine import Options

LONGER = 4
"""How much longer than elsewhere a pass is: starting ffmpeg is part of it."""


def measure_adapters(case: Case, effort: Effort) -> AdapterResult:
    """The engine alone, the VapourSynth adapter, `vsrrg derain` and ffmpeg without vsrrg, by turns.

    Raises:
        VsrrgError: as opening the model and reading the footage do.
    """
    import torch

    from vsrrg.engine import Options
    from vsrrg.hooks.resolve import create_derainer

    if case.threads is not None:
        torch.set_num_threads(case.threads)
    options = Options(model=case.model, backend=case.backend, device=case.device, precision=case.precision)
    derainer = create_derainer(options)
    fmt = parse_format(case.format)
    head = footage(effort.video, case.width, case.height, fmt, max(LEAST, 2 * derainer.radius + 2))
    play(derainer.stream, head)
    alone = play(derainer.stream, head).seconds
    count = effort.frames or min(LONGER * pass_length(effort, alone), MOST)
    frames = footage(effort.video, case.width, case.height, fmt, count)
    times: dict[str, list[float]] = {}
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="vsrrg-bench-") as folder:
        parts: dict[str, Callable[[], float]] = {
            "engine": lambda: play(derainer.stream, frames).seconds,
            "vapoursynth": _vapoursynth(frames, options, effort.repeats),
        }
        encoder = ""
        try:
            file = _write_file(frames, Path(folder))
        except (FormatError, MediaError) as error:
            notes.append(f"no file: {error}")
        else:
            encoder = file.encoder
            parts |= _file_parts(file, frames, options)
        for turn in range(effort.repeats + 1):
            for name, part in parts.items():
                seconds = part()
                if turn:  # the first is for warming up
                    times.setdefault(name, []).append(seconds)
    spreads = {name: Spread(tuple(values)) for name, values in times.items()}
    return AdapterResult(case=case, frames=count, encoder=encoder, notes=tuple(notes), **spreads)


def _vapoursynth(frames: Sequence[Frame], options: Options, repeats: int) -> Callable[[], float]:
    """A function that takes the frames through the VapourSynth adapter and returns seconds a frame.

    The clip is as long as all calls together, so that no frame is asked for twice: VapourSynth would
    have kept it.
    """
    import vapoursynth as vs

    from vsrrg.vapoursynth import derain

    clip = derain(
        _clip(vs.core, frames, len(frames) * (repeats + 1)),
        model=options.model,
        backend=options.backend,
        device=options.device,
        precision=options.precision,
    )
    starts: Iterator[int] = iter(range(0, clip.num_frames, len(frames)))

    def run() -> float:
        start = next(starts)
        began = time.perf_counter()
        for _ in clip[start : start + len(frames)].frames(close=True):
            pass
        return (time.perf_counter() - began) / len(frames)

    return run


def _clip(core: vs.Core, frames: Sequence[Frame], length: int) -> vs.VideoNode:
    """The frames as a clip of this length, to and fro."""
    first = frames[0]
    family, sample, bits, sub_w, sub_h = to_vapoursynth(first.format)
    fmt = core.query_video_format(family, sample, bits, sub_w, sub_h)
    blank = core.std.BlankClip(
        width=first.width, height=first.height, format=fmt.id, length=length, keep=True
    )
    lap = [*frames, *frames[-2:0:-1]]

    def fill(n: int, f: vs.VideoFrame) -> vs.VideoFrame:
        filled = f.copy()
        for i, plane in enumerate(lap[n % len(lap)].planes):
            np.copyto(np.asarray(filled[i]), plane)
        return filled

    return blank.std.ModifyFrame(blank, fill)


@dataclass(frozen=True)
class _File:
    """A video file made of the footage, and what its copy is encoded with."""

    path: Path
    encoder: str
    settings: tuple[str, ...]
    """ffmpeg's output options, those that `vsrrg derain` chooses."""

    @property
    def copy(self) -> Path:
        return self.path.with_name("copy.mkv")


def _write_file(frames: Sequence[Frame], folder: Path) -> _File:
    """Raises FormatError or MediaError where no encoder takes the format."""
    path = folder / "rain.mkv"
    encoder = choose_encoder(path, raw_format(frames[0]).name, "h264", find_ffmpeg())
    settings = ["-c:v", encoder]
    for name, value in quality_options(encoder, path, {}, ()).items():
        settings += [f"-{name}", str(value)]
    file = _File(path, encoder, tuple(settings))
    _encode(frames, file, path)
    return file


def _file_parts(file: _File, frames: Sequence[Frame], options: Options) -> dict[str, Callable[[], float]]:
    """Functions that work on the file and return seconds a frame."""
    from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

    def derain() -> float:
        encode = EncodeOptions(encoder=file.encoder)
        return derain_file(file.path, file.copy, options, encode, overwrite=True).seconds / len(frames)

    source = ["-i", f"file:{file.path}"]
    return {
        "derain": derain,
        "transcode": lambda: _ffmpeg([*source, *file.settings, f"file:{file.copy}"]) / len(frames),
        "decode": lambda: _ffmpeg([*source, "-f", "null", "-"]) / len(frames),
        "encode": lambda: _encode(frames, file, file.copy) / len(frames),
    }


def _ffmpeg(words: Sequence[str]) -> float:
    """Runs ffmpeg and returns its seconds; MediaError if it fails."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", *words]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise MediaError(f"ffmpeg failed: {telling_line(done.stderr.splitlines())}")
    return time.perf_counter() - began


def _encode(frames: Sequence[Frame], file: _File, target: Path) -> float:
    """Encodes raw frames from a pipe and returns the seconds; MediaError if ffmpeg fails."""
    first, pix_fmt = frames[0], raw_format(frames[0])
    kind = ["-f", "rawvideo", "-pix_fmt", pix_fmt.name, "-s", f"{first.width}x{first.height}", "-r", "25"]
    command = [find_ffmpeg(), "-v", "error", "-y", *kind, "-i", "-", *file.settings, f"file:{target}"]
    began = time.perf_counter()
    with Child(command, stdin=PIPE) as child:
        try:
            for frame in frames:
                data = write_planes(frame.planes, pix_fmt)
                while data:  # an unbuffered pipe may take a part
                    data = data[child.stdin.write(data) :]
            child.stdin.close()
        except OSError as error:
            raise MediaError(f"ffmpeg cannot encode: {child.failure() or error}") from error
        failure = child.failure()
    if failure is not None:
        raise MediaError(f"ffmpeg cannot encode: {failure}")
    return time.perf_counter() - began
