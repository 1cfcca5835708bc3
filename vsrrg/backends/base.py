"""The two things a backend is: a factory, and a network opened on one device in one precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vsrrg.models.base import Features
from vsrrg.models.descriptor import ModelDescriptor, Precision

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from vsrrg.models.memory import Memory


@runtime_checkable
class Session(Protocol):
    """A network on a device. Every method may be called from several threads at once, and gives the same bits
    each time.
    """

    @property
    def descriptor(self) -> ModelDescriptor:
        """The model that runs here."""
        ...

    @property
    def device(self) -> torch.device:
        """Where frames are packed and results appear."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """What the network computes in."""
        ...

    def encode(self, packed: Tensor) -> Features:
        """Encode one packed frame: float32 (1, 6, h, w) on any device, h and w multiples of the
        descriptor's `multiple`. What it makes must stay as it is whatever comes after.
        """
        ...

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (1, 6, h, w) of the middle one of 2r+1 encoded frames, on the session's device, any
        float dtype; finite, and exactly 0 where the model sees no rain. Frames that show the same picture are
        the same object.
        """
        ...


@runtime_checkable
class BoundedSession(Session, Protocol):
    """A session that keeps to a budget, as far as its model can, with the same layers."""

    memory: Memory | None
    """What encoded frames and the work on them may take; None: what it takes to be fast. May be
    changed at any time. Layers do not depend on it, but for the last digits.
    """

    def least_memory(self, height: int, width: int, *, frames: int, at_once: int = 1) -> int:
        """Bytes without which packed frames (6, h, w) cannot be worked on, where so many are held and worked
        on at once; 0 where nobody knows.
        """
        ...

    def stays_whole(self, height: int, width: int) -> bool:
        """Whether `memory` is enough for packed frames (6, h, w) without bands."""
        ...


@runtime_checkable
class Backend(Protocol):
    """A way to run models. Registered through the hook `vsrrg_backends`.

    Where it does not compute in every precision on every device, it also has a method `precisions(device)`
    that gives those it has, a set with "fp32" in it. It may have a text `needs`, what must be there for it to
    be `available`: users read it where it is not.
    """

    @property
    def name(self) -> str:
        """What users write: `backend="torch"`. One word."""
        ...

    def available(self) -> bool:
        """Whether this machine has what the backend needs; must be quick and must not raise."""
        ...

    def open(self, model: ModelDescriptor, *, device: str, precision: Precision) -> Session:
        """Load the model onto `device` ("cpu", "cuda", "cuda:1").

        Raises:
            ModelError: the model's `load` does, or its network cannot run in this backend.
            OptionError: the backend has no such device here, or the model does not bear the precision.
        """
        ...
