"""Cuts the work of any network of finite reach into bands of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING

from vsrrg.models.base import DerainModel, Features

if TYPE_CHECKING:
    from torch import Tensor

    from vsrrg.models.bands import Band
    from vsrrg.models.memory import Memory

PIXEL = 2048
"""Bytes that a pixel of the packed frame is taken to need while it is worked on: eight float32 tensors of 64
channels. What a network really takes nobody knows; where it is more, memory runs out and the bands shrink.
"""


@dataclass(frozen=True, eq=False)
class BandedFeatures:
    """A frame that was encoded band by band."""

    packed: Tensor
    """The frame, for a window whose bands are others."""
    spans: tuple[Band, ...]
    parts: tuple[Features, ...]


class Banded:
    """A `DerainModel` that does what `model` does, in bands where `memory` asks for it; without that, it is
    `model`. An input pixel changes the output of `model` no farther away than `halo` packed pixels.
    """

    def __init__(self, model: DerainModel, *, halo: int, multiple: int) -> None:
        from vsrrg.models.bands import ALIGNED

        self._model = model
        self._step = lcm(multiple, ALIGNED)
        self._halo = -(-halo // self._step) * self._step
        self.memory: Memory | None = None
        """See `BoundedSession`."""

    def encode(self, packed: Tensor) -> Features:
        """See `DerainModel`; opaque where there are several bands."""
        spans = self._spans(*packed.shape[2:])
        if len(spans) == 1:
            return self._model.encode(packed)
        return self._encode(packed, spans)

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """See `DerainModel`."""
        cut = [features for features in window if isinstance(features, BandedFeatures)]
        if len(cut) < len(window):  # Some were whole: the budget has just changed.
            whole = {id(features): self._model.encode(features.packed) for features in cut}
            return self._model.fuse([whole.get(id(features), features) for features in window])
        spans = self._spans(*cut[0].packed.shape[2:])
        same = {id(one): one if one.spans == spans else self._encode(one.packed, spans) for one in cut}
        frames = [same[id(features)] for features in window]
        rain: Tensor | None = None
        for i, span in enumerate(spans):
            part = span.yielded(self._model.fuse([frame.parts[i] for frame in frames]))
            if rain is None:
                rain = part.new_empty((*part.shape[:2], spans[-1].stop, part.shape[3]))
            rain[:, :, span.start : span.stop] = part
        assert rain is not None
        return rain

    def forward(self, window: Tensor) -> Tensor:
        """See `DerainModel`."""
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])

    def least_memory(self, height: int, width: int, *, frames: int, at_once: int = 1) -> int:
        """0: nobody knows."""
        return 0

    def stays_whole(self, height: int, width: int) -> bool:
        """See `BoundedSession`."""
        return len(self._spans(height, width)) == 1

    def _encode(self, packed: Tensor, spans: tuple[Band, ...]) -> BandedFeatures:
        return BandedFeatures(
            packed, spans, tuple(self._model.encode(span.needed(packed).contiguous()) for span in spans)
        )

    def _spans(self, height: int, width: int) -> tuple[Band, ...]:
        from vsrrg.models.bands import Band, least_rows

        memory, step = self.memory, self._step
        rows = height
        if memory is not None:
            # The other half is for the frames that are held.
            rows = memory.bytes // (2 * memory.at_once * PIXEL * width) - 2 * self._halo
        rows = max(rows, least_rows(width)) // step * step or step
        edges = [*range(0, height, rows), height]
        if len(edges) > 2 and height - edges[-2] < least_rows(width):
            del edges[-2]
        return tuple(
            Band(start, stop, max(0, start - self._halo), min(height, stop + self._halo))
            for start, stop in pairwise(edges)
        )
