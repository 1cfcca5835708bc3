import numpy as np
import pytest
from frames_support import arrays, full_range, same

from vsrrg import PixelFormat
from vsrrg.errors import FormatError

FORMATS = [
    PixelFormat(family, bits, sample)
    for family in ("rgb", "gray")
    for bits, sample in ((8, "integer"), (16, "integer"), (16, "float"), (32, "float"))
]


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_arrays_are_what_frames_are(derain, fmt):
    frames = full_range([0] * 6, fmt)
    given = arrays(frames)
    kept = [array.copy() for array in given]
    got, expected = list(derain(given)), arrays(derain(frames))
    assert len(got) == 6 and not np.array_equal(got[2], given[2])
    for array, wanted, before, after in zip(got, expected, given, kept, strict=True):
        assert array.dtype == before.dtype == fmt.dtype and array.shape == before.shape
        assert array.tobytes() == wanted.tobytes()
        assert before.tobytes() == after.tobytes()


def test_views_of_any_strides(derain):
    given = arrays(full_range([0] * 4))
    wide = [np.zeros((96, 128, 3), np.uint8) for _ in given]
    for large, small in zip(wide, given, strict=True):
        large[95::-2, ::2] = small
    views = [np.asfortranarray(large)[95::-2, ::2] for large in wide]
    assert same(list(derain(views)), list(derain(given)))


@pytest.mark.parametrize("fmt", [PixelFormat("rgb", 32, "float"), PixelFormat("gray", 8)], ids=str)
def test_without_rain_all_bits_stay_but_memory_is_new(derain, fmt):
    """Values outside the nominal range, infinity and not-a-number among them."""
    given = arrays(full_range([0] * 3, fmt))
    if fmt.sample == "float":
        given[1].flat[:4] = np.nan, np.inf, -3.0, -0.0
    got = list(derain(given, strength=0))
    for before, after in zip(given, got, strict=True):
        assert before.tobytes() == after.tobytes()
        assert not np.shares_memory(before, after) and after.flags.writeable


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((3, 8, 8), np.uint8), r"\(height, width\) gray, but this one is \(3, 8, 8\): transpose"),
        (np.zeros((8, 8, 4), np.uint8), "drop its alpha channel"),
        (np.zeros((8, 8, 3)), "must hold uint8 .*, not float64: convert"),
        (np.zeros((8, 8), np.int32), "not int32"),
        (np.zeros((0, 8), np.uint8), "at least one sample"),
        (np.zeros((8, 8), ">u2"), "uint16, not >u2|not >u2"),
    ],
)
def test_what_is_no_frame(derain, array, says):
    with pytest.raises(FormatError, match=says):
        list(derain([array]))
