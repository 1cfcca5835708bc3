"""The frames that are measured: moving pictures with rain, in the size and format asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import vsrrg
from vsrrg.bench import procedural
from vsrrg.errors import MediaError
from vsrrg.video.codes import codes
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame, Plane
from vsrrg.video.pix_fmts import PIX_FMTS, PixFmt

DEMO_CLIP = Path(vsrrg.__file__).parents[1] / "examples" / "rain-demo.mp4"
"""In a source checkout; an installed package has no clip."""


def footage_name(video: Path | None) -> str:
    """What the footage is called in reports."""
    if video is not None:
        return video.name
    return "demo clip" if DEMO_CLIP.exists() else "procedural"


def footage(video: Path | None, width: int, height: int, fmt: PixelFormat, count: int) -> list[Frame]:
    """The first frames of a video, scaled and converted.

    A video that is too short is played to and fro: no cut, and no picture twice in a row. None is the demo
    clip where there is one, else `procedural.pictures`.

    Raises:
        MediaError: the video cannot be read or holds no frame.
    """
    if video is None and DEMO_CLIP.exists():
        video = DEMO_CLIP
    pictures = _decoded(video) if video is not None else _drawn()
    frames = [framed(picture, width, height, fmt) for picture in islice(pictures, count)]
    if not frames:
        raise MediaError("no-frames", f"{str(video)!r} holds no frame")
    return to_and_fro(frames, count)


def to_and_fro(frames: list[Frame], count: int) -> list[Frame]:
    """So many frames: forwards, backwards without its ends, forwards again, and so on."""
    lap = frames + frames[-2:0:-1]
    return [lap[n % len(lap)] for n in range(count)]


def held_bytes(*clips: Iterable[Frame]) -> int:
    """Bytes of the planes of all these frames, each frame counted once."""
    frames = {id(frame): frame for clip in clips for frame in clip}
    return sum(plane.nbytes for frame in frames.values() for plane in frame.planes)


def stored_as(fmt: PixelFormat) -> PixFmt | None:
    """ffmpeg's planar little-endian pixel format with these very planes, if it has one."""
    return next((pix_fmt for pix_fmt in _planar() if pix_fmt.format == fmt), None)


def _planar() -> Iterator[PixFmt]:
    for pix_fmt in PIX_FMTS.values():
        plain = pix_fmt.layout == "planar" and not pix_fmt.shift and not pix_fmt.name.startswith("yuvj")
        if plain and pix_fmt.endian == "little":
            yield pix_fmt


def _decoded(video: Path) -> Iterator[Any]:
    import av

    from vsrrg.ffmpeg.probe import open_media, probe

    stream = probe(video).video.index
    try:
        with open_media(video) as container:
            yield from container.decode(container.streams[stream])
    except (av.FFmpegError, OSError) as error:
        raise MediaError("unreadable-source", f"{str(video)!r} cannot be read: {error}") from error


def _drawn() -> Iterator[Any]:
    import av

    for image in procedural.pictures():
        yield av.VideoFrame.from_ndarray(image, format="rgb24")


def framed(picture: Any, width: int, height: int, fmt: PixelFormat) -> Frame:
    """One of PyAV's frames, scaled by ffmpeg to the nearest format that it has, and from there by hand."""
    near = stored_as(fmt) if fmt.sample == "integer" else None
    near = near or _widest(fmt)
    color = ColorSpec.guess(fmt, width, height)
    color_range = "MPEG" if color.range == "limited" else "JPEG"
    scaled = picture.reformat(
        width=width, height=height, format=near.name, interpolation="BICUBIC", dst_color_range=color_range
    )
    stored = [
        np.frombuffer(plane, near.stored).reshape(-1, plane.line_size // near.stored.itemsize)
        for plane in scaled.planes
    ]
    planes = []
    for i in range(fmt.planes):
        rows, columns = fmt.plane_shape(i, width, height)
        samples = stored[near.order.index(i)][:rows, :columns]
        planes.append(_converted(samples, near.format, fmt, color, i))
    return Frame(tuple(planes), fmt, color)


def _widest(fmt: PixelFormat) -> PixFmt:
    """The one with most bits among ffmpeg's integer formats of this family and subsampling."""

    def fits(pix_fmt: PixFmt) -> bool:
        f = pix_fmt.format
        return f.sample == "integer" and (f.family, f.sub_w, f.sub_h) == (fmt.family, fmt.sub_w, fmt.sub_h)

    return max(filter(fits, _planar()), key=lambda pix_fmt: pix_fmt.format.bits)


def _converted(samples: Plane, source: PixelFormat, fmt: PixelFormat, color: ColorSpec, i: int) -> Plane:
    """Samples of plane i of an integer format, in another bit depth or as floats; always a copy."""
    if fmt.sample == "float":
        known = codes(source, color, i)
        floats: Plane = ((samples.astype(np.float32) - known.zero) / known.scale).astype(fmt.dtype)
        return floats
    shift = fmt.bits - source.bits
    wide = samples.astype(np.uint16)
    moved: Plane = (wide << shift if shift >= 0 else wide >> -shift).astype(fmt.dtype)
    return moved
