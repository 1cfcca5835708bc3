"""Planes as tensors: wrapping numpy arrays and checking plane shapes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vsrrg.errors import FormatError
from vsrrg.video import PixelFormat, Plane

_DTYPES = {"uint8": torch.uint8, "uint16": torch.uint16, "float16": torch.float16, "float32": torch.float32}


class _Writable:
    """The memory of an array, declared writable; numpy keeps this object, and so the array, alive."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array = array
        interface = dict(array.__array_interface__)
        interface["data"] = (interface["data"][0], False)
        self.__array_interface__ = interface


def as_tensor(plane: Plane) -> Tensor:
    """A CPU tensor over the memory of a plane, without copy unless strides, alignment or byte order need one.

    Read-only planes are shared too, without torch's warning: nothing may write to the tensor.
    """
    size = plane.dtype.itemsize
    shareable = plane.dtype.isnative and plane.flags.aligned
    if not shareable or any(stride < 0 or stride % size for stride in plane.strides):
        return torch.from_numpy(np.array(plane, dtype=plane.dtype.newbyteorder("="), order="C"))
    if not plane.flags.writeable:
        return torch.from_numpy(np.asarray(_Writable(plane)))
    return torch.from_numpy(plane)


def check_planes(planes: Sequence[Tensor], fmt: PixelFormat) -> tuple[int, int]:
    """(width, height) of the frame whose planes these are; `FormatError` if they do not fit the format."""
    if len(planes) != fmt.planes:
        raise FormatError("plane-shape", f"{fmt.name} has {fmt.planes} planes, but {len(planes)} were given")
    if planes[0].ndim != 2 or planes[0].numel() == 0:
        raise FormatError(
            "plane-shape",
            f"planes must be (rows, cols) with at least one sample, but plane 0 is {tuple(planes[0].shape)}",
        )
    height, width = planes[0].shape
    dtype = _DTYPES[fmt.dtype.name]
    for i, plane in enumerate(planes):
        expected = fmt.plane_shape(i, width, height)
        if tuple(plane.shape) != expected:
            raise FormatError(
                "plane-shape",
                f"plane {i} of a {width}x{height} {fmt.name} frame must be {expected} (rows, cols), "
                f"but is {tuple(plane.shape)}",
            )
        if plane.dtype != dtype:
            raise FormatError(
                "sample-type", f"samples of {fmt.name} must be {dtype}, but plane {i} holds {plane.dtype}"
            )
    return width, height
