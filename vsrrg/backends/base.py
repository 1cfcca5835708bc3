"""The two things a backend is: a factory, and a network opened on one device in one precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vsrrg.models.base import Features
from vsrrg.models.descriptor import ModelDescriptor, Precision

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Session(Protocol):
    """A network on a device. Every method may be called from several threads at once."""

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
        descriptor's `multiple`.
        """
        ...

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (1, 6, h, w) of the middle one of 2r+1 encoded frames, on the session's device, any
        float dtype. Frames that show the same picture are the same object.
        """
        ...


@runtime_checkable
class Backend(Protocol):
    """A way to run models. Registered through the hook `vsrrg_backends`."""

    @property
    def name(self) -> str:
        """What users write: `backend="torch"`."""
        ...

    def available(self) -> bool:
        """Whether this machine has what the backend needs; must be quick and must not raise."""
        ...

    def open(self, model: ModelDescriptor, *, device: str, precision: Precision) -> Session:
        """Load the model onto `device` ("cpu", "cuda", "cuda:1"). Raises ModelError or OptionError."""
        ...
