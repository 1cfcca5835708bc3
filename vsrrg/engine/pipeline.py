"""The steps from one frame to another, without any state: pack, pad, encode, fuse, crop, composite.

Every step only queues its work on a lane; what has to be read by the host is a `Later`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vsrrg.backends.base import Session
from vsrrg.engine.budget import Budget
from vsrrg.engine.device_frame import DeviceFrame
from vsrrg.engine.lane import Array, Lane, Later, Mark
from vsrrg.engine.network import Network
from vsrrg.engine.options import Output
from vsrrg.engine.picture import DevicePicture, Picture, fingerprint
from vsrrg.engine.scene import is_cut, signature
from vsrrg.errors import FormatError
from vsrrg.models.base import Features
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    from torch import Tensor

type Mask = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, eq=False)
class Encoded:
    """All that the engine keeps of a frame while its neighbours may need it."""

    frame: Frame
    """As the network saw it."""
    features: Features
    planes: Sequence[Tensor]
    """The samples that rain is subtracted from, on the device."""
    ready: Mark
    """When both are there, for other lanes than the one that makes them."""
    signature: Later[list[Array]] | None
    """For finding cuts, one array; None where they do not matter."""
    picture: Hashable
    """What the frame shows; frames that show the same reach the network as one."""


class Pipeline:
    """The steps, for one session. Threads may share it."""

    def __init__(
        self,
        session: Session,
        *,
        output: Output,
        scene_cuts: bool,
        budget: Budget | None = None,
        blamed: str | None = None,
    ) -> None:
        self.session = session
        self.network = Network(session, blamed)
        self.budget = budget or Budget(session)
        self.output = output
        self.scene_cuts = scene_cuts

    def encode(self, lane: Lane, frame: Frame) -> Encoded:
        """Pack, pad and encode a frame: the work that is done once per frame.

        Raises:
            OutOfMemoryError: not even the smallest bands can be worked on.
        """
        return self.budget.attempt(lambda: self._encode(lane, frame))

    def _encode(self, lane: Lane, frame: Frame) -> Encoded:
        import torch
        from torch.profiler import record_function

        from vsrrg.kernels import pack

        planes = _on_device(lane, frame)
        with torch.inference_mode(), lane.computing():
            with record_function("vsrrg.pack"):
                packed = pack(planes, frame.format, frame.color)
            with record_function("vsrrg.scene"):
                # Before the network, so that it arrives while that computes.
                seen = lane.download([signature(packed)]) if self.scene_cuts else None
                if isinstance(frame, DeviceFrame):
                    picture: Hashable = DevicePicture(lane.download([fingerprint(planes)]))
                else:
                    picture = Picture(frame.planes)
            with record_function("vsrrg.encode"):
                features = self.network.encode(pad(packed[None], self.session.descriptor.multiple))
            ready = lane.mark()
        return Encoded(frame, features, planes, ready, seen, picture)

    def starts_shot(self, before: Encoded, frame: Encoded) -> bool:
        """Whether a new shot begins with `frame`: by its mark if it has one, else by what they look like."""
        if before.signature is None or frame.signature is None:
            return False
        cut = frame.frame.cut
        return is_cut(before.signature()[0], frame.signature()[0]) if cut is None else cut

    def render(
        self, lane: Lane, frame: Frame, window: Sequence[Encoded], strength: float | Mask
    ) -> Later[Frame]:
        """The derained frame (or its rain layer) from the encodings of its window, itself in the middle.

        Raises:
            OutOfMemoryError: not even the smallest bands can be worked on.
        """
        return self.budget.attempt(lambda: self._render(lane, frame, window, strength))

    def _render(
        self, lane: Lane, frame: Frame, window: Sequence[Encoded], strength: float | Mask
    ) -> Later[Frame]:
        import torch

        with torch.inference_mode(), lane.computing():
            rain, check = self._fuse(lane, frame, window)
            made = self._composite(lane, frame, window[len(window) // 2].planes, rain, strength)

        def finished() -> Frame:
            check()
            return made()

        return finished

    def _fuse(self, lane: Lane, frame: Frame, window: Sequence[Encoded]) -> tuple[Tensor, Callable[[], None]]:
        """The rain layer of the window's middle, and what raises if it is not finite; the host does not wait
        for that before it is read.
        """
        import torch

        for encoded in window:
            lane.wait_for(encoded.ready)
        rows, columns = -(-frame.height // 2), -(-frame.width // 2)
        shown: dict[Hashable, Features] = {}
        features = [shown.setdefault(encoded.picture, encoded.features) for encoded in window]
        multiple = self.session.descriptor.multiple
        layer = self.network.fuse(features, rows + -rows % multiple, columns + -columns % multiple)
        # In float32, for sums of halves overflow.
        arrived = lane.download([layer.sum(dtype=torch.float32)])

        def check() -> None:
            if not np.isfinite(arrived()[0]):
                raise self.network.refused("made a layer that is not finite")

        return layer[0, :, :rows, :columns], check

    def untouched(self, lane: Lane, frame: Frame) -> Later[Frame]:
        """The result at strength 0, which needs no network: the frame itself, or an empty rain layer."""
        import torch

        if self.output == "clean":
            return (
                _handed_over(lane, frame, frame.planes) if isinstance(frame, DeviceFrame) else lambda: frame
            )
        planes = _on_device(lane, frame)
        with torch.inference_mode(), lane.computing():
            size = (6, -(-frame.height // 2), -(-frame.width // 2))
            return self._composite(lane, frame, planes, torch.zeros(size, device=planes[0].device), 0.0)

    def _composite(
        self, lane: Lane, frame: Frame, source: Sequence[Tensor], rain: Tensor, strength: float | Mask
    ) -> Later[Frame]:
        from torch.profiler import record_function

        from vsrrg.kernels import composite

        with record_function("vsrrg.upload"):
            amount = strength if isinstance(strength, float) else lane.upload([strength])[0]
        with record_function("vsrrg.composite"):
            planes = composite(source, rain, frame.format, frame.color, strength=amount, output=self.output)
        if isinstance(frame, DeviceFrame):
            return _handed_over(lane, frame, planes)
        with record_function("vsrrg.download"):
            arrived = lane.download(planes)
        return lambda: replace(frame, planes=tuple(arrived()))


def _on_device(lane: Lane, frame: Frame) -> list[Tensor]:
    """The samples of a frame, ready for `lane.computing`."""
    import torch
    from torch.profiler import record_function

    if isinstance(frame, DeviceFrame):
        return list(frame.planes)
    with torch.inference_mode(), record_function("vsrrg.upload"):
        return lane.upload(frame.planes)


def _handed_over(lane: Lane, frame: DeviceFrame, planes: Sequence[Tensor]) -> Later[Frame]:
    """The frame with these planes, for the caller's own work on the device."""
    made = lane.hand_over(planes)
    return lambda: replace(frame, planes=tuple(made()))


def kind(frame: Frame) -> tuple[PixelFormat, int, int]:
    """What all frames of a clip have in common."""
    return frame.format, frame.width, frame.height


def check_kind(frame: Frame, n: int, other: tuple[PixelFormat, int, int], i: int) -> None:
    """Raises FormatError unless frame i is of the kind of frame n."""
    if kind(frame) != other:
        (f, w, h), (g, v, u) = kind(frame), other
        raise FormatError(
            "mixed-frames",
            f"frame {i} is {v}x{u} {g.name}, but frame {n} is {w}x{h} {f.name}: "
            "all frames of a clip must be alike, so scale or convert them first",
        )


def pad(packed: Tensor, multiple: int) -> Tensor:
    """(1, 6, h, w) continued downwards and to the right to multiples: reflected, or replicated where too
    small for that.
    """
    from torch.nn.functional import pad as extend

    for dim, spec in ((-1, lambda n: (0, n, 0, 0)), (-2, lambda n: (0, 0, 0, n))):
        size = packed.shape[dim]
        missing = -size % multiple
        if missing:
            packed = extend(packed, spec(missing), mode="reflect" if missing < size else "replicate")
    return packed
