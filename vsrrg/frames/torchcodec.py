"""Torchcodec's frames and batches of frames, as its decoders give them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vsrrg.errors import FormatError
from vsrrg.frames.kind import Kind
from vsrrg.frames.tensors import read_tensor, write_tensor
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    import torch


def _accepts(item: object) -> bool:
    torchcodec = sys.modules.get("torchcodec")
    return torchcodec is not None and isinstance(item, torchcodec.Frame | torchcodec.FrameBatch)


def _read(item: Any, device: torch.device | None) -> Sequence[Frame]:
    data = item.data
    if data.ndim == 3:
        return [read_tensor(data, device)]
    if data.ndim == 4 and len(data):
        return [read_tensor(frame, device) for frame in data]
    raise FormatError(
        "frame-shape",
        f"torchcodec's batches must be (frames, 3, height, width), but this one is {tuple(data.shape)}: "
        "derain each clip for itself, and leave out empty ones",
    )


def _write(item: Any, frames: Sequence[Frame]) -> Any:
    return replace(item, data=write_tensor(item.data, frames))


TORCHCODEC = Kind("torchcodec frames", _accepts, _read, _write)
