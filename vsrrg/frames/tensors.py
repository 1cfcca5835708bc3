"""Torch tensors: (3, height, width) R'G'B', (1, height, width) or (height, width) gray, on any device."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vsrrg.engine import DeviceFrame
from vsrrg.errors import FormatError
from vsrrg.frames.kind import Kind, pixel_format
from vsrrg.video.color import ColorSpec
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def _accepts(item: object) -> bool:
    torch = sys.modules.get("torch")  # Nobody holds a tensor of a module that is not loaded.
    return torch is not None and isinstance(item, torch.Tensor)


def read_tensor(tensor: Tensor, device: torch.device | None) -> Frame:
    """The frame that a tensor shows, see `Kind.read`."""
    if not (tensor.ndim == 2 or (tensor.ndim == 3 and tensor.shape[0] in (1, 3))):
        raise FormatError(
            "frame-shape",
            "torch tensors must be (3, height, width) RGB, or (1, height, width) or (height, width) gray, "
            f"but this one is {tuple(tensor.shape)}: permute it, drop its alpha channel, or split a batch",
        )
    planes = tensor.detach().unbind() if tensor.ndim == 3 else (tensor.detach(),)
    fmt = pixel_format(len(planes), str(tensor.dtype).removeprefix("torch."), TENSORS.name)
    height, width = tensor.shape[-2:]
    color = ColorSpec.guess(fmt, width, height, range="full")
    if tensor.device == device and tensor.device.type != "cpu":
        return DeviceFrame(planes, fmt, color)
    return Frame(tuple(plane.cpu().numpy() for plane in planes), fmt, color)


def write_tensor(tensor: Tensor, frames: Sequence[Frame]) -> Tensor:
    """The frames in a tensor of this shape and on its device."""
    import torch

    planes = [torch.as_tensor(plane) for frame in frames for plane in frame.planes]
    return torch.stack(planes).reshape(tensor.shape).to(tensor.device)


def _read(tensor: Tensor, device: torch.device | None) -> Sequence[Frame]:
    return [read_tensor(tensor, device)]


TENSORS = Kind("torch tensors", _accepts, _read, write_tensor)
