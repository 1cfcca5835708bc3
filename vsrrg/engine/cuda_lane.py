"""The lane to a GPU: three CUDA streams, so that copies to it, computation and copies from it overlap.

Events order the three, and the host waits for nothing but the event of a result that it is about to read.
Staging memory is pinned and comes from torch's caching host allocator, which is the ring: it hands a block
out again when the copies that were queued with it are done, and has as many as were ever under way at once.
docs/engine.md follows a frame through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from vsrrg.engine.lane import Array, Later, check_device
from vsrrg.engine.staging import Layout

type Stream = Any
type Event = Any

_FIRST = -1
"""Priority of copies: they are short, and others wait for them."""


class CudaLane:
    """Three streams of one GPU, see `vsrrg.engine.lane.Lane`."""

    ahead = 1
    """With a frame encoded and another rendered ahead of what the host waits for, the GPU has about a frame
    of work left while the host reads, stages and writes.
    """

    def __init__(self, device: torch.device, *, cuda: Any = torch.cuda) -> None:
        """Take the device and what has the streams and events; tests have a `cuda` without a GPU."""
        self._device = torch.empty(0, device=device).device
        """With its index: "cuda" alone means another GPU in another thread, perhaps."""
        self._pinned = self._device.type == "cuda"
        self._cuda = cuda
        self._up: Stream = cuda.Stream(self._device, priority=_FIRST)
        self._compute: Stream = cuda.Stream(self._device)
        self._down: Stream = cuda.Stream(self._device, priority=_FIRST)

    def upload(self, arrays: Sequence[Array]) -> list[Tensor]:
        """Stage the arrays (the host's only copy of them), and queue one copy to the GPU."""
        layout = Layout.of(arrays)
        with self._cuda.stream(self._up):
            # Neither block needs an event of ours: the allocator of each keeps it until its copy is done.
            staged = torch.empty(layout.size, dtype=torch.uint8, pin_memory=self._pinned)
            layout.write(arrays, staged)
            block = torch.empty(layout.size, dtype=torch.uint8, device=self._device)
            block.copy_(staged, non_blocking=True)
        self._lend(block, self._compute)
        self._compute.wait_stream(self._up)
        return layout.views(block)

    def computing(self) -> AbstractContextManager[Any]:
        """Makes the lane's stream torch's current one, and its GPU the current device."""
        context: AbstractContextManager[Any] = self._cuda.stream(self._compute)
        return context

    def download(self, tensors: Sequence[Tensor]) -> Later[list[Array]]:
        """Queue the copies; the arrays that arrive are the pinned memory itself."""
        self._down.wait_stream(self._compute)
        with self._cuda.stream(self._down):
            copies = []
            for tensor in tensors:
                self._lend(tensor, self._down)
                copy = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=self._pinned)
                copies.append(copy.copy_(tensor, non_blocking=True))
            # Waiting threads sleep: the CPU has videos to decode and encode.
            done: Event = self._cuda.Event(blocking=True)
            done.record(self._down)

        def arrived() -> list[Array]:
            done.synchronize()
            return [copy.numpy() for copy in copies]

        return arrived

    def take(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Computation waits for the caller's stream, and memory for computation."""
        check_device(tensors, self._device)
        self._compute.wait_stream(self._cuda.current_stream(self._device))
        for tensor in tensors:
            self._lend(tensor, self._compute)
        return list(tensors)

    def hand_over(self, tensors: Sequence[Tensor]) -> Later[list[Tensor]]:
        """The stream that is current then waits, and memory for that stream."""
        done: Event = self._compute.record_event()

        def ready() -> list[Tensor]:
            stream: Stream = self._cuda.current_stream(self._device)
            stream.wait_event(done)
            for tensor in tensors:
                self._lend(tensor, stream)
            return list(tensors)

        return ready

    def mark(self) -> tuple[Stream, Event]:
        """An event, and the stream that needs not wait for it."""
        return self._compute, self._compute.record_event()

    def wait_for(self, mark: tuple[Stream, Event]) -> None:
        """Queue a wait, if the mark is another lane's."""
        stream, event = mark
        if stream is not self._compute:
            self._compute.wait_event(event)

    def drain(self) -> None:
        """Waits for `computing`; of what the copies use, the allocators take care."""
        self._compute.synchronize()

    def _lend(self, tensor: Tensor, stream: Stream) -> None:
        """Has the allocator wait for the stream, too, before the memory of a dropped tensor is used again."""
        if self._pinned:
            tensor.record_stream(stream)
