"""Streams, events and graphs of CUDA as far as their order goes, on the CPU: everything runs at once, but it
is an error if it might have run in another order on a GPU.

Every stream, and the host, has a vector clock (Fidge, 1988): what it knows to have happened. Recording,
waiting and synchronizing hand this knowledge on; an access to memory must know of those that it depends on.
All memory that was ever seen is kept, so none is used twice; what torch's allocators do is not modelled. One
thread at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from vsrrg.kernels import as_tensor

UNCAPTURABLE = (
    "aten::item",
    "aten::is_nonzero",
    "aten::_local_scalar_dense",
    "aten::lift_fresh",
    "aten::nonzero",
)
"""Operations that read from the host's memory or wait for the device: values that Python asks for, tensors
made of Python's numbers, sizes that depend on values.
"""


class Race(AssertionError):
    """Two accesses to the same memory that nothing orders."""


class Timeline:
    def __init__(self, name: str) -> None:
        self.name = name
        self.clock: Counter[str] = Counter()


class Stream(Timeline):
    def __init__(self, cuda: FakeCuda, name: str) -> None:
        super().__init__(name)
        self._cuda = cuda
        self.cuda_stream = id(self)

    def wait_stream(self, other: Stream) -> None:
        self.wait_event(other.record_event())

    def record_event(self) -> Event:
        event = Event(self._cuda)
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        self.clock |= event.clock

    def synchronize(self) -> None:
        self._cuda.host.clock |= self.clock
        self._cuda.waits += 1


class Event:
    def __init__(self, cuda: FakeCuda) -> None:
        self._cuda = cuda
        self.clock: Counter[str] = Counter()

    def record(self, stream: Stream) -> None:
        self.clock = stream.clock | self._cuda.host.clock

    def synchronize(self) -> None:
        self._cuda.host.clock |= self.clock
        self._cuda.waits += 1


class Graph:
    """The operations of a capture, done again on the same memory."""

    def __init__(self) -> None:
        self.operations: list[tuple[Any, Any, Any, Any]] = []
        self.replays = 0

    def replay(self) -> None:
        self.replays += 1
        for operation, args, kwargs, made in self.operations:
            for old, new in zip(tree_leaves(made), tree_leaves(operation(*args, **kwargs)), strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class FakeCuda(TorchDispatchMode):
    """What `torch.cuda` is to lanes and captures. Races are noticed inside `with`."""

    def __init__(self) -> None:
        super().__init__()
        self.host = Timeline("host")
        self.waits = 0
        """Times that the host has waited for the device."""
        self.graphs: list[Graph] = []
        self._default = Stream(self, "default")
        self._current: list[Timeline] = [self.host]
        self._capture: Graph | None = None
        self._streams = 0
        self._writes: dict[int, tuple[str, int]] = {}
        self._reads: dict[int, list[tuple[str, int]]] = {}
        self._kept: list[Any] = []

    def Stream(self, device: object = None, priority: int = 0) -> Stream:
        self._streams += 1
        return Stream(self, f"stream {self._streams}")

    def Event(self, blocking: bool = False) -> Event:
        return Event(self)

    def CUDAGraph(self) -> Graph:
        self.graphs.append(Graph())
        return self.graphs[-1]

    def graph_pool_handle(self) -> tuple[int, int]:
        return (0, 1)

    def current_stream(self, device: object = None) -> Stream:
        current = self._current[-1]
        return current if isinstance(current, Stream) else self._default

    @contextmanager
    def stream(self, stream: Stream) -> Iterator[None]:
        self._current.append(stream)
        try:
            yield
        finally:
            self._current.pop()

    @contextmanager
    def graph(self, graph: Graph, *, pool: object, stream: Stream, capture_error_mode: str) -> Iterator[None]:
        assert capture_error_mode == "thread_local"
        assert self._capture is None
        self.host.clock |= stream.clock  # It synchronizes before.
        self._capture = graph
        try:
            with self.stream(stream):
                yield
        finally:
            self._capture = None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func._schema.name
        if self._capture is not None and name in UNCAPTURABLE:
            raise RuntimeError(f"{name} is not permitted when stream is capturing")
        made = func(*args, **kwargs)
        if self._capture is not None:
            self._capture.operations.append((func, args, kwargs, made))
        if not func.is_view and "empty" not in name:
            given = [*args, *(kwargs.get(a.name) for a in func._schema.arguments[len(args) :])]
            written = {
                self._memory(tensor)
                for value, argument in zip(given, func._schema.arguments, strict=True)
                if argument.alias_info is not None and argument.alias_info.is_write
                for tensor in tree_leaves(value)
                if isinstance(tensor, Tensor)
            }
            read = {self._memory(x) for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)} - written
            fresh = {self._memory(x) for x in tree_leaves(made) if isinstance(x, Tensor)} - read
            self._access(name, read, written | fresh)
        return made

    def _memory(self, tensor: Tensor) -> int:
        storage = tensor.untyped_storage()
        self._kept.append(storage)
        return storage.data_ptr()

    def _access(self, name: str, reads: set[int], writes: set[int]) -> None:
        line = self._current[-1]
        line.clock |= self.host.clock
        line.clock[line.name] += 1
        now = line.name, line.clock[line.name]
        for memory in reads | writes:
            before = [self._writes[memory]] if memory in self._writes else []
            if memory in writes:
                before += self._reads.pop(memory, [])
                self._writes[memory] = now
            else:
                self._reads.setdefault(memory, []).append(now)
            for other, time in before:
                if line.clock[other] < time:
                    raise Race(f"{name} on {line.name} may run before what {other} does with the same memory")


def read_by_host(frame: Any) -> None:
    """Looks at every plane, as whoever gets the frame will."""
    for plane in frame.planes:
        as_tensor(plane).clone()
