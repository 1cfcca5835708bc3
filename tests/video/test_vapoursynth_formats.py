import pytest

from vsrrg.errors import FormatError
from vsrrg.testing.strategies import ALL_FORMATS
from vsrrg.video import PixelFormat
from vsrrg.video.vapoursynth_formats import from_vapoursynth, to_vapoursynth

vs = pytest.importorskip("vapoursynth")


@pytest.mark.parametrize("fmt", ALL_FORMATS, ids=lambda fmt: fmt.name)
def test_the_real_core_has_the_format_with_the_same_planes(fmt: PixelFormat) -> None:
    real = vs.core.query_video_format(*to_vapoursynth(fmt))
    assert real.color_family.name.lower() == fmt.family and real.sample_type.name.lower() == fmt.sample
    assert (real.num_planes, real.bits_per_sample) == (fmt.planes, fmt.bits)
    assert real.bytes_per_sample == fmt.dtype.itemsize
    assert (real.subsampling_w, real.subsampling_h) == (fmt.sub_w, fmt.sub_h)
    back = from_vapoursynth(
        real.color_family, real.sample_type, real.bits_per_sample, real.subsampling_w, real.subsampling_h
    )
    assert back == fmt


def test_every_preset_of_the_core_is_known_but_32_bit_integers() -> None:
    for preset in vs.PresetVideoFormat:
        if preset.name in ("NONE", "GRAY32"):
            continue
        real = vs.core.get_video_format(preset)
        fmt = from_vapoursynth(
            real.color_family, real.sample_type, real.bits_per_sample, real.subsampling_w, real.subsampling_h
        )
        assert vs.core.query_video_format(*to_vapoursynth(fmt)).id == real.id


@pytest.mark.parametrize("numbers", [(0, 0, 0, 0, 0), (1, 0, 32, 0, 0), (9, 0, 8, 0, 0), (3, 0, 8, 4, 0)])
def test_variable_and_unsupported_formats_are_refused(numbers: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(FormatError, match="convert to"):
        from_vapoursynth(*numbers)
