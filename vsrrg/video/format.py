"""Pixel formats: which planes a frame has, and what a sample is."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from vsrrg.errors import FormatError

Family = Literal["yuv", "gray", "rgb"]
Sample = Literal["integer", "float"]

SUBSAMPLINGS: dict[tuple[int, int], str] = {
    (0, 0): "444",
    (1, 0): "422",
    (1, 1): "420",
    (0, 1): "440",
    (2, 0): "411",
    (2, 2): "410",
}
"""(sub_w, sub_h) of every supported chroma subsampling, with the digits of its name."""


@dataclass(frozen=True)
class PixelFormat:
    """A planar pixel format; raises `FormatError` for one that vsrrg does not support."""

    family: Family
    """"yuv" (planes Y, Cb, Cr), "gray" (Y) or "rgb" (R, G, B)."""
    bits: int
    """Bits of a sample: 8 to 16 for integers, 16 (half) or 32 for floats."""
    sample: Sample = "integer"
    sub_w: int = 0
    """log2 of the horizontal chroma subsampling, as in VapourSynth; 0 unless the family is "yuv"."""
    sub_h: int = 0
    """log2 of the vertical chroma subsampling."""

    def __post_init__(self) -> None:
        if self.family not in ("yuv", "gray", "rgb"):
            raise FormatError(
                "unsupported-format", f"unknown colour family {self.family!r}; allowed are yuv, gray and rgb"
            )
        if self.sample not in ("integer", "float"):
            raise FormatError(
                "unsupported-format", f"unknown sample type {self.sample!r}; allowed are integer and float"
            )
        if self.sample == "integer" and not 8 <= self.bits <= 16:
            raise FormatError(
                "unsupported-format",
                f"{self.bits}-bit integer samples are not supported; convert to 8 to 16 bits",
            )
        if self.sample == "float" and self.bits not in (16, 32):
            raise FormatError(
                "unsupported-format",
                f"{self.bits}-bit float samples are not supported; convert to 16 (half) or 32 bits",
            )
        sub = (self.sub_w, self.sub_h)
        if self.family != "yuv" and sub != (0, 0):
            raise FormatError(
                "unsupported-format",
                f"{self.family} formats have no chroma subsampling, but {sub} was given; use (0, 0)",
            )
        if sub not in SUBSAMPLINGS:
            raise FormatError(
                "unsupported-format",
                f"chroma subsampling {sub} is not supported; "
                "convert to 4:2:0, 4:2:2, 4:4:4, 4:4:0, 4:1:1 or 4:1:0",
            )

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The numpy type of a sample, native byte order; 9 to 15 bits lie in the low bits of uint16."""
        if self.sample == "float":
            return np.dtype(np.float16 if self.bits == 16 else np.float32)
        return np.dtype(np.uint8 if self.bits == 8 else np.uint16)

    @property
    def planes(self) -> int:
        """Number of planes: 1 or 3."""
        return 1 if self.family == "gray" else 3

    def plane_shape(self, plane: int, width: int, height: int) -> tuple[int, int]:
        """(rows, cols) of a plane of a frame of width x height; subsampled sizes round up."""
        if plane == 0:
            return height, width
        return -(-height >> self.sub_h), -(-width >> self.sub_w)

    @property
    def peak(self) -> float:
        """Largest code of an integer format; 1.0 for floats."""
        return 1.0 if self.sample == "float" else float((1 << self.bits) - 1)

    @property
    def name(self) -> str:
        """Short name, such as "yuv420p10", "gray8" or "rgb32f"."""
        stem = f"yuv{SUBSAMPLINGS[self.sub_w, self.sub_h]}p" if self.family == "yuv" else self.family
        return f"{stem}{self.bits}{'f' if self.sample == 'float' else ''}"
