"""The parts that go through the adapters: VapourSynth, and files from end to end."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

import numpy as np

from vsrrg.bench.baselines import raw_format
from vsrrg.bench.case import Case, Effort
from vsrrg.bench.choices import parse_format
from vsrrg.bench.engine import options, settings, use_threads
from vsrrg.bench.footage import footage
from vsrrg.bench.parts import Part
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.encoders import choose_encoder, quality_options
from vsrrg.ffmpeg.process import Child, telling_line
from vsrrg.video.frame import Frame
from vsrrg.video.pix_fmts import write_planes
from vsrrg.video.vapoursynth_formats import to_vapoursynth

if TYPE_CHECKING:
    import vapoursynth as vs


def vapoursynth_part(case: Case, effort: Effort, *, frames: int, turns: int) -> Part:
    """Turns are passes of so many frames through the VapourSynth adapter; no more than `turns` of them.

    The clip is as long as all turns together, so that no frame is asked for twice: VapourSynth would
    have kept it.
    """
    import vapoursynth as vs

    from vsrrg.vapoursynth import derain

    use_threads(case)
    pictures = footage(effort.video, case.width, case.height, parse_format(case.format), frames)
    clip = derain(memory_clip(vs.core, pictures, frames * (turns + 1)), **settings(case))
    starts: Iterator[int] = iter(range(0, clip.num_frames, frames))

    def turn() -> dict[str, Any]:
        start = next(starts)
        began = time.perf_counter()
        for _ in clip[start : start + frames].frames(close=True):
            pass
        return {"vapoursynth": (time.perf_counter() - began) / frames}

    turn()
    return Part({}, {"turn": turn})


def files_part(case: Case, effort: Effort, *, frames: int) -> Part:
    """Turns take a file of so many frames through `vsrrg derain`, and through ffmpeg without it.

    Seconds a frame: "derain"; "transcode", ffmpeg's own decoding and encoding; "decode" and "encode", either
    alone.

    Raises:
        FormatError, MediaError: no encoder takes the format.
    """
    from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

    use_threads(case)
    pictures = footage(effort.video, case.width, case.height, parse_format(case.format), frames)
    file = _write_file(pictures, Path(tempfile.mkdtemp(prefix="files-")))
    source, encode = ["-i", f"file:{file.path}"], EncodeOptions(encoder=file.encoder)

    def turn() -> dict[str, Any]:
        seconds = {
            "derain": derain_file(file.path, file.copy, options(case), encode, overwrite=True).seconds,
            "transcode": _ffmpeg([*source, *file.settings, f"file:{file.copy}"]),
            "decode": _ffmpeg([*source, "-f", "null", "-"]),
            "encode": _encode(pictures, file, file.copy),
        }
        return {name: value / frames for name, value in seconds.items()}

    turn()
    return Part({"encoder": file.encoder}, {"turn": turn})


def memory_clip(core: vs.Core, frames: Sequence[Frame], length: int) -> vs.VideoNode:
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


def _ffmpeg(words: Sequence[str]) -> float:
    """Runs ffmpeg and returns its seconds; MediaError if it fails."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", *words]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise MediaError("ffmpeg-failed", f"ffmpeg failed: {telling_line(done.stderr.splitlines())}")
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
            raise MediaError("ffmpeg-failed", f"ffmpeg cannot encode: {child.failure() or error}") from error
        failure = child.failure()
    if failure is not None:
        raise MediaError("ffmpeg-failed", f"ffmpeg cannot encode: {failure}")
    return time.perf_counter() - began
