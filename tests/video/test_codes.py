import pytest

from vsrrg.video import Codes, ColorSpec, PixelFormat, codes


@pytest.mark.parametrize(
    ("family", "bits", "sample", "range_", "plane", "expected"),
    [
        ("yuv", 8, "integer", "limited", 0, (16, 219, 16, 235)),
        ("yuv", 8, "integer", "limited", 1, (128, 224, 16, 240)),
        ("yuv", 10, "integer", "limited", 0, (64, 876, 64, 940)),
        ("yuv", 10, "integer", "limited", 2, (512, 896, 64, 960)),
        ("gray", 16, "integer", "limited", 0, (4096, 56064, 4096, 60160)),
        ("rgb", 8, "integer", "limited", 2, (16, 219, 16, 235)),
        ("rgb", 16, "integer", "full", 1, (0, 65535, 0, 65535)),
        ("yuv", 8, "integer", "full", 0, (0, 255, 0, 255)),
        ("yuv", 12, "integer", "full", 1, (2048, 4095, 0, 4095)),
        ("yuv", 32, "float", "limited", 0, (0, 1, 0, 1)),
        ("yuv", 16, "float", "full", 1, (0, 1, -0.5, 0.5)),
        ("rgb", 32, "float", "full", 1, (0, 1, 0, 1)),
    ],
)
def test_codes_of_the_standards(
    family: str, bits: int, sample: str, range_: str, plane: int, expected: tuple[float, ...]
) -> None:
    fmt = PixelFormat(family, bits, sample)
    assert codes(fmt, ColorSpec("bt709", range_), plane) == Codes(*expected)
