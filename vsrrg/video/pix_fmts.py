"""ffmpeg's pixel formats: how the samples of a frame lie in the bytes of raw video."""

import math
from collections.abc import Iterable, Iterator, Sequence
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
Piece = np.ndarray[Any, np.dtype[Any]]
"""Samples (rows, cols, components)."""


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
    """The range that the name implies, else None: "full" for yuvj420p and its kin, and for gray integers,
    which ffmpeg takes for full where no tag says otherwise.
    """

    @property
    def stored(self) -> np.dtype[Any]:
        """The numpy type of a stored sample."""
        return self.format.dtype.newbyteorder("<" if self.endian == "little" else ">")

    def pieces(self, width: int, height: int) -> list[tuple[int, int, int]]:
        """(rows, cols, components) of what lies together in memory: the planes as ffmpeg counts them."""
        if self.layout == "packed":
            return [(height, width, self.format.planes)]
        luma, chroma = (self.format.plane_shape(i, width, height) for i in range(2))
        if self.layout == "semi-planar":
            return [(*luma, 1), (*chroma, 2)]
        return [(*luma, 1), *[(*chroma, 1)] * (self.format.planes - 1)]

    def frame_bytes(self, width: int, height: int) -> int:
        """Bytes of one frame."""
        return sum(map(math.prod, self.pieces(width, height))) * self.stored.itemsize


def _table() -> Iterator[PixFmt]:
    def yuv(digits: str, bits: int) -> PixelFormat:
        sub_w, sub_h = next(sub for sub, name in SUBSAMPLINGS.items() if name == digits)
        return PixelFormat("yuv", bits, sub_w=sub_w, sub_h=sub_h)

    gbr = (1, 2, 0)
    for digits in ("420", "422", "444", "440", "411", "410"):
        yield PixFmt(f"yuv{digits}p", yuv(digits, 8))
        if digits != "410":
            yield PixFmt(f"yuvj{digits}p", yuv(digits, 8), range="full")
    yield PixFmt("gray", PixelFormat("gray", 8), order=(0,), range="full")
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
        wide.append(PixFmt(f"gray{bits}", PixelFormat("gray", bits), order=(0,), range="full"))
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
            "alpha-channel",
            f"pixel format {name!r} has an alpha channel, which is not supported; "
            "convert to a format without one, such as yuv444p, yuv444p16le or gbrp",
        )
    raise FormatError(
        "unsupported-format",
        f"pixel format {name!r} is not supported; convert to a planar, semi-planar or packed RGB format, "
        "such as yuv420p, yuv422p10le, nv12, p010le, gray, gbrp or rgb24",
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
            "frame-bytes",
            f"a {width}x{height} {pix_fmt.name} frame is {pix_fmt.frame_bytes(width, height)} bytes, "
            f"but {data.size} were given",
        )
    return read_pieces(_raw_pieces(data, pix_fmt, width, height), pix_fmt)


def write_planes(planes: Sequence[Plane], pix_fmt: PixFmt) -> memoryview:
    """The bytes of a raw frame with these planes, which must be those of `pix_fmt.format`."""
    height, width = planes[0].shape
    data = np.empty(pix_fmt.frame_bytes(width, height), dtype=np.uint8)
    write_pieces(planes, _raw_pieces(data, pix_fmt, width, height), pix_fmt)
    return memoryview(data)


def read_pieces(pieces: Iterable[Piece], pix_fmt: PixFmt) -> tuple[Plane, ...]:
    """The same from pieces of memory as `PixFmt.pieces` describes them, of dtype `stored` and any strides."""
    planes = (plane.astype(pix_fmt.format.dtype, copy=False) for plane in _stored_planes(pieces, pix_fmt))
    return tuple(plane >> pix_fmt.shift if pix_fmt.shift else plane for plane in planes)


def write_pieces(planes: Sequence[Plane], pieces: Iterable[Piece], pix_fmt: PixFmt) -> None:
    """Write planes, those of `pix_fmt.format`, into such pieces."""
    for plane, stored in zip(planes, _stored_planes(pieces, pix_fmt), strict=True):
        stored[...] = plane << pix_fmt.shift if pix_fmt.shift else plane


def _raw_pieces(data: Bytes, pix_fmt: PixFmt, width: int, height: int) -> Iterator[Piece]:
    """The pieces of a raw frame, one after the other, as views of its bytes."""
    samples, start = data.view(pix_fmt.stored), 0
    for shape in pix_fmt.pieces(width, height):
        end = start + math.prod(shape)
        yield samples[start:end].reshape(shape)
        start = end


def _stored_planes(pieces: Iterable[Piece], pix_fmt: PixFmt) -> list[Plane]:
    """The planes as they are stored, in the order of `PixelFormat`."""
    stored: list[Plane] = [piece[..., i] for piece in pieces for i in range(piece.shape[2])]
    return [stored[pix_fmt.order.index(plane)] for plane in range(pix_fmt.format.planes)]
