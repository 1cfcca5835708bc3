"""What the codes of a frame mean: matrix coefficients and range."""

from dataclasses import dataclass
from typing import Literal

from vsrrg.errors import FormatError
from vsrrg.video.format import PixelFormat

Matrix = Literal["rgb", "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c"]
Range = Literal["limited", "full"]

MATRIX_CODES: dict[Matrix, int] = {
    "rgb": 0,
    "bt709": 1,
    "fcc": 4,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "ycgco": 8,
    "bt2020nc": 9,
    "bt2020c": 10,
}
"""Matrix coefficients by name, with their code points of ITU-T H.273 (also VapourSynth's `_Matrix`)."""


@dataclass(frozen=True)
class ColorSpec:
    """Matrix and range of a frame; raises `FormatError` for unknown names."""

    matrix: Matrix
    range: Range

    def __post_init__(self) -> None:
        if self.matrix not in MATRIX_CODES:
            raise FormatError(
                "unknown-color",
                f"unknown colour matrix {self.matrix!r}; allowed are {', '.join(MATRIX_CODES)}",
            )
        if self.range not in ("limited", "full"):
            raise FormatError(
                "unknown-color", f"unknown colour range {self.range!r}; allowed are limited and full"
            )

    @classmethod
    def guess(
        cls,
        fmt: PixelFormat,
        width: int,
        height: int,
        matrix: Matrix | None = None,
        range: Range | None = None,
    ) -> "ColorSpec":
        """The colours of a frame of which only some tags are known (`None` = unknown).

        The guess is the usual one of the field: RGB is full range; everything else is limited range, BT.709
        above 576 rows and BT.601 up to there. A matrix "rgb" on YUV is a wrong tag and counts as unknown.
        """
        if fmt.family == "rgb":
            return cls("rgb", range or "full")
        if matrix is None or (matrix == "rgb" and fmt.family == "yuv"):
            matrix = "bt709" if height > 576 else "smpte170m"
        return cls(matrix, range or "limited")
