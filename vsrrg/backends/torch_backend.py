"""The torch backend: eager mode on the CPU, graphs on CUDA."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from vsrrg.backends.banded import Banded
from vsrrg.backends.base import Session
from vsrrg.errors import OptionError, one_line
from vsrrg.models.base import DerainModel, Features
from vsrrg.models.descriptor import ModelDescriptor, Precision

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from vsrrg.models.memory import Memory


class TorchBackend:
    """Runs models as they are."""

    name = "torch"

    def available(self) -> bool:
        """True where torch is installed."""
        return find_spec("torch") is not None

    def open(self, model: ModelDescriptor, *, device: str, precision: Precision) -> Session:
        """Load the model in channels_last layout and in the precision's dtype; on CUDA its calls are captured
        as graphs. Raises OptionError if the model lacks the precision or torch the device.
        """
        if precision not in model.halves:
            raise OptionError(
                "unsupported-precision",
                f"model {model.name!r} does not run in {precision}: choose {', '.join(sorted(model.halves))}",
            )
        session = TorchSession(model, device=device, precision=precision)
        if session.device.type != "cuda":
            return session
        from vsrrg.backends.cuda_graph import captured

        return captured(session, beside=getattr(session.network, "beside", None))


class TorchSession:
    """One network on one device. Holds no state but the weights, so threads may share it."""

    def __init__(self, descriptor: ModelDescriptor, *, device: str, precision: Precision) -> None:
        import torch

        self.descriptor: ModelDescriptor = descriptor
        self.device: torch.device = _place(device)
        dtypes = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
        self.dtype: torch.dtype = dtypes[precision]
        network: nn.Module = descriptor.load().eval().requires_grad_(False)
        network.to(device=self.device, dtype=self.dtype).to(memory_format=torch.channels_last)
        self.network = network
        model = cast(DerainModel, network)
        if not hasattr(network, "memory") and descriptor.halo is not None:
            model = Banded(model, halo=descriptor.halo, multiple=descriptor.multiple)
        self._model = model

    @property
    def memory(self) -> Memory | None:
        """See `BoundedSession`; models that cannot be cut into bands have none."""
        return getattr(self._model, "memory", None)

    @memory.setter
    def memory(self, memory: Memory | None) -> None:
        if hasattr(self._model, "memory"):
            self._model.memory = memory

    def least_memory(self, height: int, width: int, *, frames: int, at_once: int = 1) -> int:
        """See `BoundedSession`."""
        least = getattr(self._model, "least_memory", None)
        return least(height, width, frames=frames, at_once=at_once) if least else 0

    def stays_whole(self, height: int, width: int) -> bool:
        """See `BoundedSession`."""
        stays = getattr(self._model, "stays_whole", None)
        return stays(height, width) if stays else True

    def encode(self, packed: Tensor) -> Features:
        """Encode one packed frame (1, 6, h, w), moved to the session's device in float32.

        The network casts what it may.
        """
        import torch

        with torch.inference_mode():
            frame = packed.to(device=self.device, dtype=torch.float32)
            return self._model.encode(frame)

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (1, 6, h, w) of the middle frame, in the session's dtype."""
        import torch

        with torch.inference_mode():
            return self._model.fuse(window)


def _place(device: str) -> torch.device:
    """The device with its index; raises OptionError where torch has none of this name."""
    import torch

    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        raise OptionError(
            "missing-device",
            f"torch cannot use device {device!r} here: choose 'cpu' or another one ({one_line(error)})",
        ) from error
