"""Who does the computing: the calling thread, or on CPUs a few threads, each on a frame of its own.

An operation of the network is over in a fraction of a millisecond, too short to be shared out among cores
without loss; frames side by side lose nothing. torch also keeps a team of threads for each thread that calls
it, and such teams get into each other's way, so the host's threads are not let near it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Protocol

from vsrrg.engine.lane import Later
from vsrrg.engine.memory import keep_freed_memory

if TYPE_CHECKING:
    import torch

MOST = 4
"""Frames side by side at most; more cores than that share an operation."""


class Crew(Protocol):
    """Takes work; work may wait for the results of work that was given before it."""

    @property
    def size(self) -> int:
        """Pieces of work that are done side by side."""
        ...

    def submit[T](self, work: Callable[[], T]) -> Later[T]:
        """Does the work, or begins it; the result raises what the work raises."""
        ...


class Caller:
    """The calling thread alone: where the work is only queued on a GPU, or there is one core."""

    size = 1

    def submit[T](self, work: Callable[[], T]) -> Later[T]:
        """Does the work at once, and raises what it raises."""
        value = work()
        return lambda: value


class OneAtATime:
    """Whoever calls, but no two at once: where there is no memory for more."""

    size = 1

    def __init__(self) -> None:
        self._lock = Lock()

    def submit[T](self, work: Callable[[], T]) -> Later[T]:
        """Does the work when nobody else does any, and raises what it raises."""
        with self._lock:
            value = work()
        return lambda: value


class Threads:
    """Threads that take work in the order it was given, each with a share of torch's threads."""

    def __init__(self, size: int, threads: int) -> None:
        import torch

        self.size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="vsrrg")
        mine = torch.get_num_threads()
        started = Barrier(size)

        def start() -> None:
            # torch sets the number of a thread when that first computes: asking comes first.
            torch.get_num_threads()
            torch.set_num_threads(threads)
            started.wait()

        for beginning in [self._pool.submit(start) for _ in range(size)]:
            beginning.result()
        # It was set for threads to come as well, which are not ours.
        torch.set_num_threads(mine)

    def submit[T](self, work: Callable[[], T]) -> Later[T]:
        """Queues the work."""
        return self._pool.submit(work).result


def crew_for(device: torch.device) -> Crew:
    """The crew that suits a device; on CPUs with as many cores as torch uses in this thread."""
    import torch

    if device.type == "cpu":
        keep_freed_memory()  # Before there are threads, which would have arenas of their own.
    cores = torch.get_num_threads()
    if device.type != "cpu" or cores == 1:
        return Caller()
    size = min(cores, MOST)
    return _threads(size, cores // size)


@cache
def _threads(size: int, threads: int) -> Threads:
    return Threads(size, threads)
