"""Frames that are on the device already, and stay there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vsrrg.engine.lane import Lane
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class DeviceFrame(Frame):
    """A frame whose planes are tensors on the engine's device; what becomes of it is one, too.

    On CUDA the planes may still be under way on the stream that is current when the frame is given, and those
    of the clean frame on the one that is current when it comes out: the host waits for neither. Raises
    FormatError when planes and format do not agree.
    """

    planes: tuple[Tensor, ...]  # type: ignore[assignment]  # Only who gives such frames gets them.
    """Tensors (rows, cols), of any strides; order Y, Cb, Cr or R, G, B."""

    def __post_init__(self) -> None:
        from vsrrg.kernels.tensors import check_planes

        check_planes(self.planes, self.format)


def given(frame: Frame, lane: Lane) -> Frame:
    """The frame as the lane may use it from now on; at once, while the caller's stream is the current one."""
    return replace(frame, planes=tuple(lane.take(frame.planes))) if isinstance(frame, DeviceFrame) else frame
