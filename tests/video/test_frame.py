import numpy as np
import pytest

from vsrrg.errors import FormatError
from vsrrg.video import ColorSpec, Frame, PixelFormat

FMT = PixelFormat("yuv", 8, sub_w=1, sub_h=1)
COLOR = ColorSpec("bt709", "limited")


def planes(*shapes: tuple[int, ...], dtype: type = np.uint8) -> tuple[np.ndarray, ...]:
    return tuple(np.zeros(shape, dtype) for shape in shapes)


def test_size_comes_from_the_first_plane_and_views_are_kept_as_they_are() -> None:
    wide = np.zeros((3, 8), np.uint8)
    wide.flags.writeable = False
    luma = wide[:, :5]
    frame = Frame((luma, *planes((2, 3), (2, 3))), FMT, COLOR, pts=7)
    assert (frame.width, frame.height, frame.pts, frame.cut) == (5, 3, 7, None)
    assert frame.planes[0] is luma


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (planes((4, 4)), "yuv420p8 has 3 planes, but 1 were given"),
        (planes((4, 4), (2, 2), (4, 4)), r"plane 2 of a 4x4 yuv420p8 frame must be \(2, 2\)"),
        (planes((4, 4), (2, 2), (2, 2), dtype=np.uint16), "must be uint8, but plane 0 holds uint16"),
        (planes((0, 4), (0, 2), (0, 2)), "at least one sample"),
        (planes((4, 4, 1), (2, 2), (2, 2)), "at least one sample"),
    ],
)
def test_planes_that_do_not_fit_are_refused(given: tuple[np.ndarray, ...], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        Frame(given, FMT, COLOR)


def test_samples_of_foreign_byte_order_are_refused() -> None:
    with pytest.raises(FormatError, match="must be uint16"):
        Frame((np.zeros((2, 2), ">u2"),), PixelFormat("gray", 10), COLOR)
