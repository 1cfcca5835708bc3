"""Frames and their formats as plain data; depends on numpy only."""

from vsrrg.video.codes import Codes, codes
from vsrrg.video.color import MATRIX_CODES, ColorSpec, Matrix, Range
from vsrrg.video.format import Family, PixelFormat, Sample
from vsrrg.video.frame import Frame, Plane

__all__ = [
    "MATRIX_CODES",
    "Codes",
    "ColorSpec",
    "Family",
    "Frame",
    "Matrix",
    "PixelFormat",
    "Plane",
    "Range",
    "Sample",
    "codes",
]
