"""Runs a session's network as CUDA graphs: one launch a call, where hundreds would keep the host busy.

A graph reads and writes the memory that it was captured with, so what a call is given is copied in, and what
it makes is copied out. Of a window only what `fuse` reads goes in (see `captured`): for `general` 140 MB a
frame of 1920x1080 in fp16, and 70 MB of features come out, 0.1 ms at 4.8 TB/s. Features that stay in the
graphs' own memory would save that, but then a window would need a graph for each order of places that its
frames happen to have, which random access has no end of.

cuDNN does not measure its algorithms for the graphs (`torch.backends.cudnn.benchmark`): what it found would
depend on the moment, and pixels on the thread and on whether a frame came early, for they differ in the last
place.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from torch.profiler import record_function

from vsrrg.backends.base import BoundedSession, Session
from vsrrg.models.base import Features
from vsrrg.models.descriptor import ModelDescriptor
from vsrrg.models.memory import Memory

log = logging.getLogger(__name__)

type Call = Callable[[list[Any]], Any]
type Inputs = dict[tuple[int, torch.Size, torch.dtype], Tensor]

EAGER = 2
"""Calls of a kind that run as they are before it is captured: a picture or two are not worth it."""
MOST = 16
"""Graphs on a stream; a clip needs one for frames, one for windows, and a few for windows at cuts."""

_capturing = Lock()
"""torch synchronizes the device before a capture, which no other capture bears."""


def captured(session: Session, *, beside: Callable[[Features], Features] | None = None) -> Session:
    """The session, with its calls captured as CUDA graphs once their shapes have been seen a few times.

    `beside` takes from features what `fuse` reads of them where they are not the middle of the window; by
    default all. Features are tensors, tuples and lists of them, or None. What cannot be captured runs as it
    is, after one warning.
    """
    return GraphSession(session, beside=beside)


class GraphSession:
    """A session that replays graphs: a set of them for each CUDA stream that it is called on."""

    def __init__(
        self,
        session: Session,
        *,
        beside: Callable[[Features], Features] | None = None,
        cuda: Any = torch.cuda,
    ) -> None:
        """Take the session, and what has the streams and graphs; tests have a `cuda` without a GPU."""
        self.descriptor: ModelDescriptor = session.descriptor
        self.device: torch.device = session.device
        self.dtype: torch.dtype = session.dtype
        self._session = session
        self._beside = beside
        self._cuda = cuda
        self._place = torch.empty(0, device=session.device).device
        """The device with its index."""
        self._lock = Lock()
        self._streams: dict[int, _Captures] = {}
        self._memory = getattr(session, "memory", None)
        self._arranged: tuple[int, int] | None = None
        """Height and width that `_worthwhile` is known for."""
        self._worthwhile = True
        """Whether there is memory for graphs."""
        self._refused: set[str] = set()
        """Reasons for running calls as they are, each of which was logged once."""

    @property
    def memory(self) -> Memory | None:
        """See `BoundedSession`. Graphs need as much again, so they get half of it, or are done without: where
        frames are worked on in bands, the time of launches is nothing to that of the work.
        """
        return self._memory

    @memory.setter
    def memory(self, memory: Memory | None) -> None:
        with self._lock:
            self._memory = memory
            self._arranged = None
            captures = list(self._streams.values())
        for one in captures:
            one.forget()

    def least_memory(self, height: int, width: int, *, frames: int, at_once: int = 1) -> int:
        """See `BoundedSession`."""
        if not isinstance(self._session, BoundedSession):
            return 0
        return self._session.least_memory(height, width, frames=frames, at_once=at_once)

    def stays_whole(self, height: int, width: int) -> bool:
        """See `BoundedSession`."""
        self._arrange((height, width))
        return not isinstance(self._session, BoundedSession) or self._session.stays_whole(height, width)

    def _arrange(self, size: tuple[int, int]) -> None:
        """Shares the memory out between the session and its graphs."""
        session, memory = self._session, self._memory
        if memory is None or size == self._arranged or not isinstance(session, BoundedSession):
            return
        with self._lock:
            session.memory = replace(memory, bytes=memory.bytes // 2)
            self._worthwhile = session.stays_whole(*size)
            if not self._worthwhile:
                session.memory = memory
            self._arranged = size

    def encode(self, packed: Tensor) -> Features:
        """See `Session.encode`."""
        self._arrange((packed.shape[2], packed.shape[3]))
        return self._run("encode", lambda frames: self._session.encode(frames[0]), [packed])

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """See `Session.fuse`."""
        # Each pattern of same objects has its graph, for networks ask which frames are the same.
        middle = window[len(window) // 2]
        places: dict[int, int] = {}
        pattern = [places.setdefault(id(features), len(places)) for features in window]
        different = [window[pattern.index(place)] for place in range(len(places))]
        if self._beside is not None:
            different = [frame if frame is middle else self._beside(frame) for frame in different]
        with record_function("vsrrg.fuse"):
            rain: Tensor = self._run(
                ("fuse", *pattern),
                lambda frames: self._session.fuse([frames[place] for place in pattern]),
                different,
            )
        return rain

    def _run(self, name: object, call: Call, given: list[Any]) -> Any:
        with torch.inference_mode():
            kind = self._kind(name, given) if self._worthwhile else None
            if kind is None:
                return call(given)
            captures = self._captures()
            try:
                # Copies in, replay and copies out stay together, should threads share a stream.
                with captures.lock:
                    graph = captures.graphs.get(kind) or self._capture(captures, kind, call, given)
                    if graph is not None:
                        return graph(given)
                return call(given)
            except torch.OutOfMemoryError:
                graph = None
                if not captures.let_go():
                    raise
                self._refuse("memory is short")
            return call(given)

    def _kind(self, name: object, given: list[Any]) -> object | None:
        """What calls must have in common to share a graph; None where there can be none."""
        parts: list[object] = [name]
        for part in _walk(given):
            if not isinstance(part, Tensor):
                parts.append(part)
            elif part.device == self._place:
                parts.append((part.shape, part.dtype))
            else:
                return None
            if part is _Opaque:
                return None
        return tuple(parts)

    def _captures(self) -> _Captures:
        stream = self._cuda.current_stream(self._place)
        with self._lock:
            if stream.cuda_stream not in self._streams:
                self._streams[stream.cuda_stream] = _Captures(self._place, self._cuda)
            return self._streams[stream.cuda_stream]

    def _capture(self, captures: _Captures, kind: object, call: Call, given: list[Any]) -> _Graph | None:
        """A new graph, if it is time for it and it can be had."""
        captures.seen[kind] += 1
        if captures.seen[kind] <= EAGER or captures.broken:
            return None
        if len(captures.graphs) >= MOST:
            self._refuse(f"shapes and windows are of more than {MOST} kinds")
            return None
        try:
            graph = captures.graphs[kind] = captures.capture(call, given)
        except Exception as error:  # Operations refuse in ways of their own; none is worth a user's script.
            captures.broken = True
            self._refuse(str(error))
            return None
        return graph

    def _refuse(self, reason: str) -> None:
        with self._lock:
            if reason in self._refused:
                return
            self._refused.add(reason)
        log.warning(
            "model %r runs operation by operation, not as a CUDA graph, where %s",
            self.descriptor.name,
            reason,
        )


class _Captures:
    """The graphs of one stream. They run one after the other, so they share what memory they can."""

    def __init__(self, device: torch.device, cuda: Any) -> None:
        self.lock = Lock()
        self.graphs: dict[object, _Graph] = {}
        self.seen: Counter[object] = Counter()
        self.broken = False
        """Whether there are to be no more captures."""
        self._device = device
        self._cuda = cuda
        self._stream = cuda.Stream(device)
        """For captures alone: nobody else's work may come between."""
        self._pool = cuda.graph_pool_handle()
        self._inputs: Inputs = {}

    def let_go(self) -> bool:
        """Gives the memory of all graphs back, for good; False if there were none."""
        with self.lock:
            held = bool(self.graphs)
            self.broken = True
            self.graphs.clear()
            self._inputs = {}
        return held

    def forget(self) -> None:
        """Gives the memory of all graphs back; there may be others."""
        with self.lock:
            self.graphs.clear()
            self.seen.clear()
            self._inputs = {}

    def capture(self, call: Call, given: list[Any]) -> _Graph:
        """A graph of the call, for whatever is of the kind of `given`."""
        current = self._cuda.current_stream(self._device)
        inputs = dict(self._inputs)
        static = _static(given, inputs)
        # Leaving this context brings the current stream back even where a failed capture does not.
        with _capturing, self._cuda.stream(current):
            self._stream.wait_stream(current)
            with self._cuda.stream(self._stream):
                call(static)  # Libraries allocate what they need for this stream, which they cannot later.
            graph = self._cuda.CUDAGraph()
            # Other threads allocate meanwhile, which the global mode would forbid.
            with self._cuda.graph(
                graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"
            ):
                made = call(static)
            current.wait_stream(self._stream)
        if _Opaque in _walk(made):
            raise TypeError("features hold more than tensors, tuples and lists")
        self._inputs = inputs
        return _Graph(graph, _tensors(static), made)


class _Graph:
    """A captured call."""

    def __init__(self, graph: Any, inputs: list[Tensor], made: Any) -> None:
        self._graph = graph
        self._inputs = inputs
        self._made = made

    def __call__(self, given: list[Any]) -> Any:
        """What the call makes of what is given, in memory of its own."""
        torch._foreach_copy_(self._inputs, _tensors(given))
        self._graph.replay()
        return _map(torch.clone, self._made)


def _static(given: list[Any], inputs: Inputs) -> list[Any]:
    """Copies of what is given, in those `inputs` that fit, or in new ones."""
    count = 0

    def place(tensor: Tensor) -> Tensor:
        nonlocal count
        count += 1
        key = count, tensor.shape, tensor.dtype
        if key not in inputs:
            inputs[key] = torch.empty_like(tensor)
        return inputs[key].copy_(tensor)

    static: list[Any] = _map(place, given)
    return static


class _Opaque:
    """Stands for anything that is no tensor and holds none that can be seen."""


def _walk(value: Any) -> Iterator[Any]:
    """Every tensor in a value, and between them what tells how they are nested."""
    if isinstance(value, list | tuple):
        yield type(value), len(value)
        for item in value:
            yield from _walk(item)
    else:
        yield value if value is None or isinstance(value, Tensor) else _Opaque


def _tensors(value: Any) -> list[Tensor]:
    return [part for part in _walk(value) if isinstance(part, Tensor)]


def _map(function: Callable[[Tensor], Tensor], value: Any) -> Any:
    """The same nested value with what the function makes of each tensor."""
    if not isinstance(value, list | tuple):
        return value if value is None else function(value)
    items = [_map(function, item) for item in value]
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
