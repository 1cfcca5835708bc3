"""A frame of video: planes, their format and colours, and its place in time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vsrrg.errors import FormatError
from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat

Plane = np.ndarray[tuple[int, int], np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame; raises `FormatError` when planes and format do not agree."""

    planes: tuple[Plane, ...]
    """2-D arrays (rows, cols), strided or read-only views allowed; order Y, Cb, Cr or R, G, B."""
    format: PixelFormat
    color: ColorSpec
    pts: int | None = None
    """Presentation time in the stream's time base, if known."""
    cut: bool | None = None
    """Whether the host says that a new shot starts here; None leaves it to the engine."""
    origin: object = None
    """What the host made the frame of, or wants to find again: it comes out with the clean frame."""

    def __post_init__(self) -> None:
        fmt = self.format
        if len(self.planes) != fmt.planes:
            raise FormatError(
                "plane-shape", f"{fmt.name} has {fmt.planes} planes, but {len(self.planes)} were given"
            )
        first = self.planes[0]
        if first.ndim != 2 or first.size == 0:
            raise FormatError(
                "plane-shape",
                f"planes must be (rows, cols) with at least one sample, but plane 0 is {first.shape}",
            )
        for i, plane in enumerate(self.planes):
            expected = fmt.plane_shape(i, self.width, self.height)
            if plane.shape != expected:
                raise FormatError(
                    "plane-shape",
                    f"plane {i} of a {self.width}x{self.height} {fmt.name} frame must be {expected} "
                    f"(rows, cols), but is {plane.shape}",
                )
            if plane.dtype != fmt.dtype:
                raise FormatError(
                    "sample-type",
                    f"samples of {fmt.name} must be {fmt.dtype}, but plane {i} holds {plane.dtype}",
                )

    @property
    def width(self) -> int:
        """Columns of plane 0."""
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        """Rows of plane 0."""
        return int(self.planes[0].shape[0])


type Work = Callable[[Iterable[Frame]], Iterator[Frame]]
"""What is done to a clip: a frame comes out for each that goes in, in order."""
