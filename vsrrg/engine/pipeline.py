"""The steps from one frame to another, without any state: pack, pad, encode, fuse, crop, composite."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vsrrg.backends.base import Session
from vsrrg.engine.options import Output
from vsrrg.engine.scene import Signature, is_cut, signature
from vsrrg.models.base import Features
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    from torch import Tensor

type Mask = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, eq=False)
class Encoded:
    """All that the engine keeps of a frame while its neighbours may need it."""

    features: Features
    cut: bool | None
    """The host's mark."""
    signature: Signature | None
    """For finding cuts; None where they do not matter."""
    kind: tuple[PixelFormat, int, int]
    """Format, width and height, which must be the same throughout a window."""
    picture: int
    """Frames that show the same picture have the same number here."""


class Pipeline:
    """The steps, for one session. Threads may share it."""

    def __init__(self, session: Session, *, output: Output, scene_cuts: bool) -> None:
        self.session = session
        self.output = output
        self.scene_cuts = scene_cuts

    def encode(self, frame: Frame) -> Encoded:
        """Pack, pad and encode a frame: the work that is done once per frame."""
        import torch
        from torch.profiler import record_function

        from vsrrg.kernels import pack

        with torch.inference_mode():
            with record_function("vsrrg.upload"):
                planes = self._planes(frame)
            with record_function("vsrrg.pack"):
                packed = pack(planes, frame.format, frame.color)
            with record_function("vsrrg.scene"):
                seen = signature(packed) if self.scene_cuts else None
            with record_function("vsrrg.encode"):
                features = self.session.encode(pad(packed[None], self.session.descriptor.multiple))
        return Encoded(features, frame.cut, seen, kind(frame), _checksum(frame))

    def starts_shot(self, before: Encoded, frame: Encoded) -> bool:
        """Whether a new shot begins with `frame`: by its mark if it has one, else by what they look like."""
        if before.signature is None or frame.signature is None:
            return False
        return is_cut(before.signature, frame.signature) if frame.cut is None else frame.cut

    def render(self, frame: Frame, window: Sequence[Encoded], strength: float | Mask) -> Frame:
        """The derained frame (or its rain layer) from the encodings of its window."""
        import torch

        with torch.inference_mode():
            rows, columns = -(-frame.height // 2), -(-frame.width // 2)
            shown: dict[int, Features] = {}
            features = [shown.setdefault(encoded.picture, encoded.features) for encoded in window]
            rain = self.session.fuse(features)[0, :, :rows, :columns]
            return self._composite(frame, rain, strength)

    def untouched(self, frame: Frame) -> Frame:
        """The result at strength 0, which needs no network: the frame itself, or an empty rain layer."""
        import torch

        if self.output == "clean":
            return frame
        empty = torch.zeros((6, -(-frame.height // 2), -(-frame.width // 2)), device=self.session.device)
        return self._composite(frame, empty, 0.0)

    def _composite(self, frame: Frame, rain: Tensor, strength: float | Mask) -> Frame:
        from torch.profiler import record_function

        from vsrrg.kernels import as_tensor, composite

        with record_function("vsrrg.upload"):
            source = self._planes(frame)
            amount = strength if isinstance(strength, float) else as_tensor(strength).to(self.session.device)
        with record_function("vsrrg.composite"):
            planes = composite(source, rain, frame.format, frame.color, strength=amount, output=self.output)
        with record_function("vsrrg.download"):
            return replace(frame, planes=tuple(plane.cpu().numpy() for plane in planes))

    def _planes(self, frame: Frame) -> list[Tensor]:
        from vsrrg.kernels import as_tensor

        return [as_tensor(plane).to(self.session.device) for plane in frame.planes]


def kind(frame: Frame) -> tuple[PixelFormat, int, int]:
    """What all frames of a clip have in common."""
    return frame.format, frame.width, frame.height


def _checksum(frame: Frame) -> int:
    checksum = 0
    for plane in frame.planes:
        checksum = zlib.crc32(np.ascontiguousarray(plane), checksum)
    return checksum


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
