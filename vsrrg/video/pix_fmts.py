"""ffmpeg's pixel formats: how the samples of a frame lie in the bytes of raw video."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from vsrrg.errors import FormatError
from vsrrg.video.color import Range
from vsrrg.video.format import SUBSAMPLINGS, PixelFormat
from vsrrg.video.frame import Plane

Layout = Literal["planar", "semi-planar", "packed"]
Endian = Literal["little", "big"]
Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]


@dataclass(frozen=True)
class PixFmt:
    """One of ffmpeg's pixel formats, as raw video without padding."""

    name: str
    """ffmpeg's name, such as "yuv420p10le"."""
    format: PixelFormat
    """The planes that `read_planes` gives."""
    layout: Layout = "planar"
    """Plane after plane ("planar"), luma and then interleaved chroma ("semi-planar"), or all interleaved."""
    order: tuple[int, ...] = (0, 1, 2)
    """The planes (Y, Cb, Cr or R, G, B) in the order in which they are stored."""
    endian: Endian = "little"
    """Byte order of samples wider than a byte."""
    shift: int = 0
    """Unused low bits of a stored word: 6 in p010, whose samples lie in the high bits."""
    range: Range | None = None
    """The range that the name implies ("full" for yuvj420p and its kin), else None."""

    @property
    def stored(self) -> np.dtype[Any]:
        """The numpy type of a stored sample."""
        return self.format.dtype.newbyteorder("<" if self.endian == "little" else ">")

    def frame_bytes(self, width: int, height: int) -> int:
        """Bytes of one frame."""
        shapes = [self.format.plane_shape(i, width, height) for i in range(self.format.planes)]
        return sum(rows * cols for rows, cols in shapes) * self.stored.itemsize


def _table() -> Iterator[PixFmt]:
    def yuv(digits: str, bits: int) -> PixelFormat:
        sub_w, sub_h = next(sub for sub, name in SUBSAMPLINGS.items() if name == digits)
        return PixelFormat("yuv", bits, sub_w=sub_w, sub_h=sub_h)

    gbr = (1, 2, 0)
    for digits in ("420", "422", "444", "440", "411", "410"):
        yield PixFmt(f"yuv{digits}p", yuv(digits, 8))
        if digits != "410":
            yield PixFmt(f"yuvj{digits}p", yuv(digits, 8), range="full")
    yield PixFmt("gray", PixelFormat("gray", 8), order=(0,))
    yield PixFmt("gbrp", PixelFormat("rgb", 8), order=gbr)
    yield PixFmt("rgb24", PixelFormat("rgb", 8), "packed")
    yield PixFmt("bgr24", PixelFormat("rgb", 8), "packed", (2, 1, 0))
    for digits, first, second in (("420", "nv12", "nv21"), ("422", "nv16", None), ("444", "nv24", "nv42")):
        yield PixFmt(first, yuv(digits, 8), "semi-planar")
        if second:
            yield PixFmt(second, yuv(digits, 8), "semi-planar", (0, 2, 1))

    wide = [PixFmt("rgb48", PixelFormat("rgb", 16), "packed")]
    wide.append(PixFmt("bgr48", PixelFormat("rgb", 16), "packed", (2, 1, 0)))
    for bits in (9, 10, 12, 14, 16):
        wide += [PixFmt(f"yuv{digits}p{bits}", yuv(digits, bits)) for digits in ("420", "422", "444")]
        wide.append(PixFmt(f"gray{bits}", PixelFormat("gray", bits), order=(0,)))
        wide.append(PixFmt(f"gbrp{bits}", PixelFormat("rgb", bits), order=gbr))
    wide += [PixFmt(f"yuv440p{bits}", yuv("440", bits)) for bits in (10, 12)]
    for digits, letter in (("420", "0"), ("422", "2"), ("444", "4")):
        for bits in (10, 12, 16):
            fmt = yuv(digits, bits)
            wide.append(PixFmt(f"p{letter}{bits}", fmt, "semi-planar", shift=16 - bits))
    for bits in (16, 32):
        wide.append(PixFmt(f"grayf{bits}", PixelFormat("gray", bits, "float"), order=(0,)))
        wide.append(PixFmt(f"gbrpf{bits}", PixelFormat("rgb", bits, "float"), order=gbr))
        wide.append(PixFmt(f"rgbf{bits}", PixelFormat("rgb", bits, "float"), "packed"))
    for pix_fmt in wide:
        yield replace(pix_fmt, name=pix_fmt.name + "le")
        yield replace(pix_fmt, name=pix_fmt.name + "be", endian="big")


PIX_FMTS: dict[str, PixFmt] = {pix_fmt.name: pix_fmt for pix_fmt in _table()}
"""Every supported pixel format by ffmpeg's name."""


_WITH_ALPHA = ("yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya", "ayuv", "vuya", "uyva")


def find_pix_fmt(name: str) -> PixFmt:
    """The pixel format of this name; `FormatError` with advice if it is not supported."""
    if name in PIX_FMTS:
        return PIX_FMTS[name]
    if name.startswith(_WITH_ALPHA):
        raise FormatError(
            f"pixel format {name!r} has an alpha channel, which is not supported; "
            "convert to a format without one, such as yuv444p, yuv444p16le or gbrp"
        )
    raise FormatError(
        f"pixel format {name!r} is not supported; convert to a planar, semi-planar or packed RGB format, "
        "such as yuv420p, yuv422p10le, nv12, p010le, gray, gbrp or rgb24"
    )


def read_planes(
    buffer: bytes | bytearray | memoryview, pix_fmt: PixFmt, width: int, height: int
) -> tuple[Plane, ...]:
    """The planes of a raw frame, in the order of `PixelFormat`.

    They are views of the buffer, strided where components are interleaved; only p010 and its kin, and samples
    of foreign byte order, are copied.

    Raises:
        FormatError: the buffer is not exactly one frame.
    """
    data = np.frombuffer(buffer, dtype=np.uint8)
    if data.size != pix_fmt.frame_bytes(width, height):
        raise FormatError(
            f"a {width}x{height} {pix_fmt.name} frame is {pix_fmt.frame_bytes(width, height)} bytes, "
            f"but {data.size} were given"
        )
    planes = (
        plane.astype(pix_fmt.format.dtype, copy=False) for plane in _views(data, pix_fmt, width, height)
    )
    return tuple(plane >> pix_fmt.shift if pix_fmt.shift else plane for plane in planes)


def write_planes(planes: Sequence[Plane], pix_fmt: PixFmt) -> memoryview:
    """The bytes of a raw frame with these planes, which must be those of `pix_fmt.format`."""
    height, width = planes[0].shape
    data = np.empty(pix_fmt.frame_bytes(width, height), dtype=np.uint8)
    for plane, view in zip(planes, _views(data, pix_fmt, width, height), strict=True):
        if pix_fmt.shift:
            plane = plane << pix_fmt.shift
        view[...] = plane
    return memoryview(data)


def _views(data: Bytes, pix_fmt: PixFmt, width: int, height: int) -> list[Plane]:
    """The planes of a raw frame as they are stored, as views of its bytes."""
    fmt = pix_fmt.format
    samples = data.view(pix_fmt.stored)
    stored: list[Plane] = []
    if pix_fmt.layout == "packed":
        pixels = samples.reshape(height, width, fmt.planes)
        stored = [pixels[..., i] for i in range(fmt.planes)]
    else:
        luma, rest = samples[: width * height], samples[width * height :]
        stored.append(luma.reshape(height, width))
        if fmt.planes > 1:
            rows, cols = fmt.plane_shape(1, width, height)
            axes = (rows, cols, 2) if pix_fmt.layout == "semi-planar" else (2, rows, cols)
            chroma = rest.reshape(axes)
            stored += [chroma[..., i] if pix_fmt.layout == "semi-planar" else chroma[i] for i in range(2)]
    return [stored[pix_fmt.order.index(plane)] for plane in range(fmt.planes)]
