"""VapourSynth's formats as pixel formats and back, by the numbers of its API; it is not imported here."""

from vsrrg.errors import FormatError
from vsrrg.video.format import Family, PixelFormat, Sample

VapourSynthFormat = tuple[int, int, int, int, int]
"""(color_family, sample_type, bits_per_sample, subsampling_w, subsampling_h) of `core.query_video_format`."""

_FAMILIES: dict[Family, int] = {"gray": 1, "rgb": 2, "yuv": 3}
_SAMPLES: dict[Sample, int] = {"integer": 0, "float": 1}


def to_vapoursynth(fmt: PixelFormat) -> VapourSynthFormat:
    """The numbers of the VapourSynth format with the same planes."""
    return _FAMILIES[fmt.family], _SAMPLES[fmt.sample], fmt.bits, fmt.sub_w, fmt.sub_h


def from_vapoursynth(color_family: int, sample_type: int, bits: int, sub_w: int, sub_h: int) -> PixelFormat:
    """The pixel format with these VapourSynth numbers; `FormatError` for variable or unsupported formats."""
    families = {number: family for family, number in _FAMILIES.items()}
    samples = {number: sample for sample, number in _SAMPLES.items()}
    if int(color_family) not in families or int(sample_type) not in samples:
        raise FormatError(
            "unsupported-format",
            f"VapourSynth color family {int(color_family)} with sample type {int(sample_type)} is not "
            "supported; convert to a constant YUV, GRAY or RGB format",
        )
    return PixelFormat(families[int(color_family)], bits, samples[int(sample_type)], sub_w, sub_h)
