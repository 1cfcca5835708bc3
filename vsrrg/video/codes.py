"""What sample values mean: the nominal zero, the nominal unit and the legal ends of a plane."""

from dataclasses import dataclass
from functools import cache

from vsrrg.video.color import ColorSpec
from vsrrg.video.format import PixelFormat


@dataclass(frozen=True)
class Codes:
    """The affine map between samples and nominal values: nominal = (sample - zero) / scale."""

    zero: float
    """The sample of nominal 0: black for luma and RGB, no colour for chroma."""
    scale: float
    """Samples per nominal 1.0; luma and RGB span 0..1, chroma -0.5..0.5."""
    low: float
    """Lowest legal sample."""
    high: float
    """Highest legal sample."""


@cache
def codes(fmt: PixelFormat, color: ColorSpec, plane: int) -> Codes:
    """The codes of a plane: quantized as in ITU-R BT.709 and BT.2100; floats as in VapourSynth."""
    chroma = fmt.family == "yuv" and plane > 0
    if fmt.sample == "float":
        return Codes(0.0, 1.0, -0.5, 0.5) if chroma else Codes(0.0, 1.0, 0.0, 1.0)
    if color.range == "full":
        return Codes(float(1 << (fmt.bits - 1)) if chroma else 0.0, fmt.peak, 0.0, fmt.peak)
    unit = float(1 << (fmt.bits - 8))
    if chroma:
        return Codes(128 * unit, 224 * unit, 16 * unit, 240 * unit)
    return Codes(16 * unit, 219 * unit, 16 * unit, 235 * unit)
