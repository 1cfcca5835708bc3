import pytest

from vsrrg.errors import FormatError
from vsrrg.video import MATRIX_CODES, ColorSpec, PixelFormat

YUV, GRAY, RGB = (PixelFormat(family, 8) for family in ("yuv", "gray", "rgb"))


@pytest.mark.parametrize(
    ("fmt", "height", "known", "expected"),
    [
        (YUV, 576, {}, ("smpte170m", "limited")),
        (YUV, 577, {}, ("bt709", "limited")),
        (GRAY, 1080, {}, ("bt709", "limited")),
        (RGB, 480, {}, ("rgb", "full")),
        (RGB, 480, {"range": "limited", "matrix": "bt709"}, ("rgb", "limited")),
        (YUV, 480, {"matrix": "bt2020nc", "range": "full"}, ("bt2020nc", "full")),
        (YUV, 1080, {"matrix": "rgb"}, ("bt709", "limited")),
    ],
)
def test_guess(fmt: PixelFormat, height: int, known: dict, expected: tuple[str, str]) -> None:
    assert ColorSpec.guess(fmt, 640, height, **known) == ColorSpec(*expected)


def test_matrix_codes_are_those_of_vapoursynth() -> None:
    vs = pytest.importorskip("vapoursynth")
    ours = {
        "rgb": "RGB",
        "bt709": "BT709",
        "fcc": "FCC",
        "bt470bg": "BT470_BG",
        "smpte170m": "ST170_M",
        "smpte240m": "ST240_M",
        "ycgco": "YCGCO",
        "bt2020nc": "BT2020_NCL",
        "bt2020c": "BT2020_CL",
    }
    theirs = {name: int(getattr(vs.MatrixCoefficients, f"MATRIX_{key}")) for name, key in ours.items()}
    assert theirs == MATRIX_CODES


def test_unknown_names_are_refused() -> None:
    with pytest.raises(FormatError, match="unknown colour matrix 'bt601'; allowed are rgb, bt709"):
        ColorSpec("bt601", "limited")  # type: ignore[arg-type]
    with pytest.raises(FormatError, match="unknown colour range 'tv'; allowed are limited and full"):
        ColorSpec("bt709", "tv")  # type: ignore[arg-type]
