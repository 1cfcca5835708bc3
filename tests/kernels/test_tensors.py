import warnings

import numpy as np
import pytest
import torch

from vsrrg.kernels import as_tensor


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("read_only", [False, True])
def test_shares_the_memory_of_strided_planes_in_silence(dtype: type, read_only: bool) -> None:
    padded = np.arange(40).astype(dtype).reshape(4, 10)
    plane = padded[:, :7]
    plane.flags.writeable = not read_only
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tensor = as_tensor(plane)
    assert tensor.data_ptr() == plane.ctypes.data and tensor.stride() == (10, 1)
    assert tensor.to(torch.float32).tolist() == plane.astype(np.float32).tolist()
    padded[1, 2] = 99
    assert tensor.to(torch.float32)[1, 2] == 99


def test_the_tensor_keeps_the_memory_alive() -> None:
    tensor = as_tensor(np.frombuffer(bytes(range(200)) * 500, np.uint8).reshape(500, 200))
    junk = [np.full(100_000, 7, np.uint8) for _ in range(20)]
    assert len(junk) == 20 and torch.equal(tensor[499], torch.arange(200, dtype=torch.uint8))


@pytest.mark.parametrize(
    "plane",
    [
        np.arange(12, dtype=np.uint8).reshape(3, 4)[::-1],
        np.arange(12, dtype=">u2").reshape(3, 4),
        np.frombuffer(bytes(range(25)), np.uint8)[1:].view(np.uint16).reshape(3, 4),
    ],
    ids=["flipped", "big-endian", "unaligned"],
)
def test_copies_what_torch_cannot_address(plane: np.ndarray) -> None:
    assert as_tensor(plane).tolist() == plane.tolist()
