import numpy as np
import pytest

from vsrrg.errors import FormatError, VsrrgError
from vsrrg.video import PixelFormat


@pytest.mark.parametrize(
    ("fmt", "name", "dtype", "planes", "peak"),
    [
        (PixelFormat("yuv", 8, sub_w=1, sub_h=1), "yuv420p8", np.uint8, 3, 255),
        (PixelFormat("yuv", 10, sub_w=1), "yuv422p10", np.uint16, 3, 1023),
        (PixelFormat("yuv", 16, "float", sub_h=1), "yuv440p16f", np.float16, 3, 1),
        (PixelFormat("yuv", 9, sub_w=2), "yuv411p9", np.uint16, 3, 511),
        (PixelFormat("gray", 16), "gray16", np.uint16, 1, 65535),
        (PixelFormat("rgb", 32, "float"), "rgb32f", np.float32, 3, 1),
    ],
)
def test_facts_of_a_format(fmt: PixelFormat, name: str, dtype: type, planes: int, peak: float) -> None:
    assert (fmt.name, fmt.dtype, fmt.planes, fmt.peak) == (name, dtype, planes, peak)


@pytest.mark.parametrize(
    ("sub", "shape"),
    [
        ((0, 0), (5, 7)),
        ((1, 0), (5, 4)),
        ((1, 1), (3, 4)),
        ((0, 1), (3, 7)),
        ((2, 0), (5, 2)),
        ((2, 2), (2, 2)),
    ],
)
def test_chroma_sizes_round_up(sub: tuple[int, int], shape: tuple[int, int]) -> None:
    fmt = PixelFormat("yuv", 8, "integer", *sub)
    assert fmt.plane_shape(0, 7, 5) == (5, 7)
    assert fmt.plane_shape(1, 7, 5) == fmt.plane_shape(2, 7, 5) == shape
    assert fmt.plane_shape(2, 1, 1) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cmyk", 8), "unknown colour family 'cmyk'; allowed are yuv, gray and rgb"),
        (("yuv", 8, "complex"), "allowed are integer and float"),
        (("gray", 7), "convert to 8 to 16 bits"),
        (("gray", 32), "convert to 8 to 16 bits"),
        (("gray", 24, "float"), r"convert to 16 \(half\) or 32 bits"),
        (("rgb", 8, "integer", 1, 1), "rgb formats have no chroma subsampling"),
        (("yuv", 8, "integer", 3, 0), "convert to 4:2:0"),
    ],
)
def test_other_formats_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        PixelFormat(*arguments)
    assert isinstance(caught.value, VsrrgError) and isinstance(caught.value, ValueError)
