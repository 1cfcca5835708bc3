"""How frames get to the device, through it and back: a lane is one way there, for one thread at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vsrrg.errors import FormatError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

type Array = np.ndarray[Any, np.dtype[Any]]
type Later[T] = Callable[[], T]
"""A result that is under way; calling it waits for it. It may be called again, and by any thread."""
type Mark = Any
"""A point in a lane's work, for other lanes to wait for."""


class Lane(Protocol):
    """Copies and computation in one order: that in which they were asked for.

    Nothing here waits for the device but `Later` results and `drain`. What one lane has made may be used on
    another after `wait_for`, and must be held until that other lane's results have arrived.
    """

    @property
    def ahead(self) -> int:
        """Frames to encode before the one to render, and to render before the one to wait for; 0 where that
        would gain nothing.
        """
        ...

    def upload(self, arrays: Sequence[Array]) -> list[Tensor]:
        """The arrays (rows, cols) on the device, ready for `computing`."""
        ...

    def computing(self) -> AbstractContextManager[Any]:
        """Inside, torch's work on the device belongs to this lane."""
        ...

    def download(self, tensors: Sequence[Tensor]) -> Later[list[Array]]:
        """Tensors that `computing` has made, in main memory; nobody may write to them any more."""
        ...

    def take(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The caller's own tensors on the device, ready for `computing`; called outside of that. Raises
        FormatError for tensors that are elsewhere.
        """
        ...

    def hand_over(self, tensors: Sequence[Tensor]) -> Later[list[Tensor]]:
        """Tensors that `computing` has made, for the caller's own work on the device: nobody waits for them
        but that work.
        """
        ...

    def mark(self) -> Mark:
        """The end of what was asked for in `computing` so far."""
        ...

    def wait_for(self, mark: Mark) -> None:
        """Lets what comes next in `computing` begin after the mark of any lane."""
        ...

    def drain(self) -> None:
        """Waits until all of the lane's computation is done."""
        ...


class PlainLane:
    """Everything at once and in order: on the CPU, where nothing is copied, and on any device but CUDA's."""

    ahead = 0

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def upload(self, arrays: Sequence[Array]) -> list[Tensor]:
        """The arrays' own memory on the CPU, copies elsewhere."""
        from vsrrg.kernels import as_tensor

        return [as_tensor(array).to(self._device) for array in arrays]

    def computing(self) -> AbstractContextManager[None]:
        """Nothing needs to be set up."""
        return nullcontext()

    def download(self, tensors: Sequence[Tensor]) -> Later[list[Array]]:
        """The tensors' own memory on the CPU, copies elsewhere."""
        arrays: list[Array] = [tensor.cpu().numpy() for tensor in tensors]
        return lambda: arrays

    def take(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The tensors themselves."""
        check_device(tensors, self._device)
        return list(tensors)

    def hand_over(self, tensors: Sequence[Tensor]) -> Later[list[Tensor]]:
        """The tensors themselves."""
        return lambda: list(tensors)

    def mark(self) -> None:
        """All is done already."""

    def wait_for(self, mark: Mark) -> None:
        """All is done already."""

    def drain(self) -> None:
        """All is done already."""


class Lanes:
    """As many lanes as were ever in use at once."""

    def __init__(self, new: Callable[[], Lane]) -> None:
        self._new = new
        self._idle: list[Lane] = []

    def take(self) -> Lane:
        """A lane of one's own."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._new()

    def give_back(self, lane: Lane) -> None:
        """Lets others have the lane; what it still has to do is done before theirs."""
        self._idle.append(lane)

    @contextmanager
    def borrow(self) -> Iterator[Lane]:
        """A lane for a while. After an error, too, what it worked on may be dropped."""
        lane = self.take()
        try:
            yield lane
        except BaseException:
            lane.drain()
            raise
        finally:
            self.give_back(lane)


def check_device(tensors: Sequence[Tensor], device: torch.device) -> None:
    """Raises FormatError for tensors on another device."""
    for tensor in tensors:
        if tensor.device != device:
            raise FormatError(
                "planes-elsewhere",
                f"the planes are on {tensor.device}, and frames are derained on {device}: move them there, "
                f"or open the Derainer with device='{tensor.device}'",
            )


def lanes_to(device: torch.device) -> Lanes:
    """The lanes that suit a device: the same for all, because sessions keep graphs for each CUDA stream."""
    if device.type == "cuda":
        import torch

        # Lanes know nothing of what this thread's stream may still do: load the weights.
        torch.cuda.current_stream(device).synchronize()
    return _lanes(device)


@cache
def _lanes(device: torch.device) -> Lanes:
    if device.type == "cuda":
        from vsrrg.engine.cuda_lane import CudaLane

        return Lanes(partial(CudaLane, device))
    return Lanes(partial(PlainLane, device))
