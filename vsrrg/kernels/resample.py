"""Averaging and repeating along one dimension, as chroma grids need them."""

import torch
from torch import Tensor


def halve(x: Tensor, dim: int) -> Tensor:
    """Means of pairs along `dim` (-1 or -2) of a float tensor; an odd last sample counts twice."""
    even, odd = _every_other(x, dim, 0), _every_other(x, dim, 1)
    if odd.shape[dim] < even.shape[dim]:
        odd = torch.cat([odd, x.narrow(dim, x.shape[dim] - 1, 1)], dim)
    return (even + odd).mul_(0.5)


def double(x: Tensor, dim: int) -> Tensor:
    """Every sample twice along `dim` (-1 or -2) of a float32 tensor."""
    return interleave(x, x) if dim == -1 else x.repeat_interleave(2, dim)


def interleave(even: Tensor, odd: Tensor) -> Tensor:
    """Rows, contiguous, that take their samples by turns from two float32 tensors of one shape."""
    # As real and imaginary parts: in memory they lie side by side, and torch.stack takes twice as long.
    pairs = torch.empty(even.shape, dtype=torch.complex64, device=even.device)
    return torch.view_as_real(torch.complex(even, odd, out=pairs)).flatten(-2)


def regrid(x: Tensor, sub: tuple[int, int], to: tuple[int, int], shape: tuple[int, int]) -> Tensor:
    """Moves (..., rows, cols) from a subsampling (log2 across, down) to another, whose plane has `shape`."""
    for dim, source, target, size in ((-2, sub[1], to[1], shape[0]), (-1, sub[0], to[0], shape[1])):
        for _ in range(source, target):
            x = halve(x, dim)
        for _ in range(target, source):
            x = double(x, dim)
        x = x.narrow(dim, 0, size)
    return x


def _every_other(x: Tensor, dim: int, start: int) -> Tensor:
    return x[..., start::2, :] if dim == -2 else x[..., start::2]
