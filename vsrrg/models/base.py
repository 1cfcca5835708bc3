"""What the engine asks of a rain network: an encoder of one frame and a fusion of a window of encodings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vsrrg.models.descriptor import ModelDescriptor

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["DerainModel", "Features", "ModelDescriptor"]

type Features = Any
"""The encoding of one frame: opaque to the engine, which only keeps it and hands it back to `fuse`."""


class DerainModel(Protocol):
    """An `nn.Module` with these three methods; N is the batch, r the model's radius, h and w multiples
    of its `multiple`.

    They depend on their arguments alone and do not change them, give the same bits each time, and are called
    from several threads at once. The clips of a batch do not see each other.

    It may also have an attribute `memory` (`vsrrg.models.memory.Memory` or None) that it keeps to, and the
    methods `least_memory(height, width, *, frames, at_once)` and `stays_whole(height, width)`, see `RRGNet`.
    The engine cuts other models into bands if their descriptor has a `halo`.

    It may also have a function `beside` that takes from the features of a frame what `fuse` reads of them
    where the frame is not the middle of the window: CUDA graphs then copy less.
    """

    def encode(self, packed: Tensor) -> Features:
        """Encode packed frames, shape (N, 6, h, w), float32, see `vsrrg.kernels.pack`; the network casts to
        the dtype of its weights where it likes. Must not look at any other frame.
        """
        ...

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (N, 6, h, w) of the middle one of 2r+1 encoded frames, finite, in packed units (luma
        0..1, chroma -0.5..0.5). Frames that show the same picture are the same object.
        """
        ...

    def forward(self, window: Tensor) -> Tensor:
        """The same from a window (N, 2r+1, 6, h, w) at once: equals `fuse([encode(frame) for frame in
        window])`.
        """
        ...
