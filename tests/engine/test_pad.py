import numpy as np
import pytest
import torch

from vsrrg.engine.pipeline import pad


@pytest.mark.parametrize(
    ("size", "multiple", "rows", "cols"),
    [
        ((8, 12), 4, "none", "none"),
        ((7, 10), 4, "reflect", "reflect"),
        ((5, 9), 4, "reflect", "reflect"),
        ((2, 9), 4, "edge", "reflect"),
        ((6, 4), 8, "reflect", "edge"),
        ((1, 1), 8, "edge", "edge"),
    ],
)
def test_reflected_else_replicated_to_the_next_multiple(size, multiple, rows, cols):
    packed = np.random.default_rng(0).random((1, 6, *size), np.float32)
    expected = packed
    for axis, mode in ((3, cols), (2, rows)):
        if mode != "none":
            amounts = [(0, 0)] * 4
            amounts[axis] = (0, -size[axis - 2] % multiple)
            expected = np.pad(expected, amounts, mode=mode)
    got = pad(torch.from_numpy(packed), multiple).numpy()
    assert got.shape[2] % multiple == got.shape[3] % multiple == 0
    assert np.array_equal(got, expected)
