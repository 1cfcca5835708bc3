"""VapourSynth, files, pipes and Python give the same frames: formats, sizes and strengths, with a network.

Real rain, a clock that does not tick evenly, and a cut in the middle.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import cycle
from pathlib import Path

import av
import ffmpeg
import numpy as np
import pytest
import vapoursynth as vs

import vsrrg
import vsrrg.ffmpeg
from tests.ffmpeg.media import HDR10, LOSSLESS
from tests.ffmpeg.media import ffmpeg as run_ffmpeg
from vsrrg.engine import Derainer, Options
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.pipe import derain_pipe
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file
from vsrrg.hooks.resolve import create_derainer
from vsrrg.video import Frame
from vsrrg.video.pix_fmts import find_pix_fmt
from vsrrg.video.vapoursynth_formats import to_vapoursynth

RAIN = Path(__file__).parents[2] / "examples" / "rain-demo.mp4"
PASS = ("-fps_mode", "passthrough", "-enc_time_base", "demux")
SHOT = 4
"""Frames of each of the two shots."""
FORMATS = {
    "ffv1": "yuv420p yuvj420p yuv422p yuv444p yuv410p yuv420p10le yuv422p10le yuv444p12le yuv420p16le "
    "yuv444p16le gray gray12le gray16le gbrp10le gbrp16le",
    "rawvideo": "nv12 bgr24 rgb24 gbrp gbrpf32le rgb48le",
}
"""By the codec that the footage is stored with."""
SIZES = [(64, 48), (35, 21), (16, 16), (99, 6)]
STRENGTHS = [1.0, 0.6, 0.0]
CASES = [
    (pix_fmt, codec, size, strength)
    for (codec, pix_fmt), size, strength in [
        *zip([(c, f) for c, names in FORMATS.items() for f in names.split()], cycle(SIZES), cycle(STRENGTHS)),
        *((("ffv1", "yuv420p"), size, strength) for size in SIZES for strength in STRENGTHS),
        *((("ffv1", "yuv422p10le"), size, 1.0) for size in SIZES),
    ]
]


@dataclass(frozen=True)
class Shown:
    """What a way of deraining gives."""

    planes: list[tuple[np.ndarray, ...]]
    times: list[Fraction]


@cache
def derainer(strength: float) -> Derainer:
    return create_derainer(options(strength))


def options(strength: float) -> Options:
    return Options(model="fast", device="cpu", precision="fp32", strength=strength)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exactness")


def footage(folder: Path, pix_fmt: str, codec: str, size: tuple[int, int]) -> Path:
    """Two shots of the demo clip in its own pixels, at times that a clock of 1/1000 s holds."""
    width, height = size
    path = folder / f"{pix_fmt}-{width}x{height}.nut"
    if not path.exists():
        shots = ";".join(
            f"[0:v]trim=start_frame={n}:end_frame={n + SHOT},crop={width}:{height}:{x}:{y}:exact=1[s{n}]"
            for n, x, y in ((3, 60, 80), (50, 400, 150))
        )
        wobble = "settb=1/1000,setpts='N*40+7*mod(N,3)+if(gt(N,5),100,0)'"
        graph = f"{shots};[s3][s50]concat,{wobble},scale=out_range=tv,format={pix_fmt}"
        words = ["-filter_complex", graph, "-enc_time_base", "1/1000", "-fps_mode", "passthrough"]
        colour = [] if "gb" in pix_fmt or "rgb" in pix_fmt else ["-colorspace", "bt709"]
        run_ffmpeg("-i", RAIN, *words, "-c:v", codec, *colour, path)
    return path


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def shown(frames: Sequence[av.VideoFrame]) -> Shown:
    return Shown([view(f).planes for f in frames], [Fraction(f.pts) * Fraction(f.time_base) for f in frames])


def view(frame: av.VideoFrame) -> Frame:
    from vsrrg.frames.pyav import PYAV

    return PYAV.read(frame, None)[0]


def by_file(path: Path, strength: float, folder: Path) -> Shown:
    pix_fmt = decoded(path)[0].format.name
    packed = find_pix_fmt(pix_fmt).layout != "planar" or pix_fmt in ("gbrp", "gbrpf32le")
    encode = EncodeOptions(encoder="rawvideo" if packed else "ffv1", pix_fmt=pix_fmt if packed else None)
    target = folder / "file.nut"
    derain_file(path, target, options(strength), encode, overwrite=True, derainer=derainer(strength))
    return shown(decoded(target))


def by_pipe(path: Path, strength: float, folder: Path) -> Shown:
    first = view(decoded(path)[0])
    stream = run_ffmpeg("-i", path, *PASS, "-c:v", "rawvideo", "-f", "nut", "-")
    piped = io.BytesIO()
    matrix = None if first.color.matrix == "rgb" else first.color.matrix
    derain_pipe(io.BytesIO(stream), piped, derainer(strength).stream, matrix=matrix, range=first.color.range)
    with av.open(io.BytesIO(piped.getvalue())) as container:
        return shown(list(container.decode(video=0)))


def by_graph(path: Path, strength: float, folder: Path) -> Shown:
    """ffmpeg-python."""
    video = vsrrg.ffmpeg.derain(ffmpeg.input(str(path)), **vars_of(strength))
    target = folder / "graph.nut"
    pix_fmt = decoded(path)[0].format.name
    clock = {"fps_mode": "passthrough", "enc_time_base": "filter"}
    made = video.output(str(target), vcodec="rawvideo", pix_fmt=pix_fmt, **clock)
    made.run(cmd=find_ffmpeg(), quiet=True, overwrite_output=True)
    return shown(decoded(target))


def vars_of(strength: float) -> dict[str, object]:
    return {"model": "fast", "device": "cpu", "precision": "fp32", "strength": strength}


def by_python(path: Path, strength: float, folder: Path) -> Shown:
    return shown(list(vsrrg.derain_frames(decoded(path), **vars_of(strength))))


def by_vapoursynth(path: Path, strength: float, folder: Path) -> Shown:
    frames = decoded(path)
    clip = vsrrg.derain(vapoursynth_clip(frames), **vars_of(strength))
    order = [5, 0, 7, 2, 6, 1, 4, 3]
    got = {n: clip.get_frame(n) for n in order}
    planes = [tuple(np.array(plane) for plane in got[n]) for n in sorted(got)]
    return Shown(planes, [Fraction(str(got[n].props["pts"])) for n in sorted(got)])


def vapoursynth_clip(frames: Sequence[av.VideoFrame]) -> vs.VideoNode:
    """The frames in VapourSynth's memory, their times as a property."""
    views = [view(frame) for frame in frames]
    first = views[0]
    fmt = vs.core.query_video_format(*to_vapoursynth(first.format)).id
    blank = vs.core.std.BlankClip(
        format=fmt, width=first.width, height=first.height, length=len(views), keep=True
    )

    def show(n: int, f: vs.VideoFrame) -> vs.VideoFrame:
        made = f.copy()
        for plane, samples in enumerate(views[n].planes):
            np.asarray(made[plane])[...] = samples
        if first.format.family != "rgb":
            made.props["_Matrix"] = 1 if frames[n].colorspace == 1 else 2
            made.props["_Range"] = int(views[n].color.range == "full")
        made.props["pts"] = str(Fraction(frames[n].pts) * Fraction(frames[n].time_base))
        return made

    return blank.std.ModifyFrame(blank, show)


WAYS: dict[str, Callable[[Path, float, Path], Shown]] = {
    "file": by_file,
    "pipe": by_pipe,
    "graph": by_graph,
    "vapoursynth": by_vapoursynth,
}


@pytest.mark.parametrize(("pix_fmt", "codec", "size", "strength"), CASES)
def test_every_way_gives_the_same_frames_at_the_same_times(
    folder: Path, pix_fmt: str, codec: str, size: tuple[int, int], strength: float
) -> None:
    path = footage(folder, pix_fmt, codec, size)
    given, wanted = shown(decoded(path)), by_python(path, strength, folder)
    assert len(given.times) == 2 * SHOT
    alike = [same(a, b) for a, b in zip(given.planes, wanted.planes, strict=True)]
    assert all(alike) if strength == 0 else not all(alike)
    fmt = view(decoded(path)[0]).format
    whole_cells = not (size[0] % (1 << fmt.sub_w) or size[1] % (1 << fmt.sub_h))
    for name, way in WAYS.items():
        if name == "vapoursynth" and not whole_cells:
            continue  # VapourSynth has no such clips.
        got = way(path, strength, folder)
        assert got.times == given.times, name
        assert all(same(a, b) for a, b in zip(got.planes, wanted.planes, strict=True)), name


def same(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> bool:
    return all(x.dtype == y.dtype and x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


def test_files_and_vapoursynth_keep_the_same_side_data(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    colour = "setparams=colorspace=bt2020nc:color_trc=smpte2084:color_primaries=bt2020:range=tv"
    picture = f"crop=64:48:60:80,format=yuv420p10le,{colour}"
    hdr = ("-c:v", "libx265", "-x265-params", f"log-level=error:lossless=1:{HDR10}")
    run_ffmpeg("-i", RAIN, "-vf", picture, "-frames:v", "6", *hdr, "-an", source)
    encode = EncodeOptions(ffmpeg_args=LOSSLESS)
    derain_file(source, target, options(1.0), encode, derainer=derainer(1.0))
    by_clip, by_file = vsrrg.derain(opened(source), **vars_of(1.0)), opened(target)
    for n in range(6):
        a, b = by_clip.get_frame(n), by_file.get_frame(n)
        assert same([np.array(plane) for plane in a], [np.array(plane) for plane in b])
        assert told(a) == pytest.approx(told(b), abs=1e-4)
        assert {"MasteringDisplayMaxLuminance", "ContentLightLevelMax", "_Transfer", "_Matrix"} <= set(
            told(a)
        )


def opened(path: Path) -> vs.VideoNode:
    return vs.core.bs.VideoSource(str(path), cachepath=str(path.parent / "index"), showprogress=False)


def told(frame: vs.VideoFrame) -> dict[str, float]:
    """What the frame says of itself in numbers; lists item by item."""
    flat: dict[str, float] = {}
    for name, value in frame.props.items():
        if isinstance(value, int | float):
            flat[name] = value
        elif isinstance(value, list):
            flat |= {f"{name}[{i}]": item for i, item in enumerate(value)}
    return flat
