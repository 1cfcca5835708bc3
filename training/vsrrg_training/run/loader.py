"""Batches by step number, shared out among the processes of a run."""

import atexit
import multiprocessing
import signal
from collections.abc import Iterator
from typing import Any

import cv2
import torch
from torch.utils.data import DataLoader, Dataset, Sampler, default_collate

from vsrrg.errors import VsrrgError


class StepSampler(Sampler[int]):
    """Item numbers of steps `start` to `stop`: step k is made of items k*batch to (k+1)*batch-1.

    Of each batch, process `rank` of `world` takes its own contiguous share.
    """

    def __init__(self, start: int, stop: int, batch: int, *, rank: int = 0, world: int = 1) -> None:
        self.steps = range(start, stop)
        self.batch = batch
        self.share = range(rank * (batch // world), (rank + 1) * (batch // world))

    def __iter__(self) -> Iterator[int]:
        return (step * self.batch + item for step in self.steps for item in self.share)

    def __len__(self) -> int:
        return len(self.steps) * len(self.share)


def step_loader(dataset: Dataset[Any], sampler: StepSampler, *, workers: int, prefetch: int) -> Iterator[Any]:
    """Batches in the sampler's order, made `prefetch` batches ahead by `workers` processes (0: this one).

    What an item raises for the user to read, it raises here, wherever it was made.
    """
    loader = DataLoader(
        _Telling(dataset),
        collate_fn=_collated,
        batch_size=len(sampler.share),
        sampler=sampler,
        num_workers=workers,
        prefetch_factor=prefetch if workers else None,
        worker_init_fn=_start_worker,
        # A forked copy of a process with threads can hang on a lock that no thread will release.
        multiprocessing_context="forkserver" if workers else None,
    )
    for batch in loader:
        if isinstance(batch, Exception):
            raise batch
        yield batch


class _Telling(Dataset[Any]):
    """The items, or the errors in their place: a worker would wrap an error that it raises in a traceback."""

    def __init__(self, items: Dataset[Any]) -> None:
        self.items = items

    def __getitem__(self, index: int) -> Any:
        try:
            return self.items[index]
        except VsrrgError as error:
            return error


def _collated(items: list[Any]) -> Any:
    return next((item for item in items if isinstance(item, Exception)), None) or default_collate(items)


@atexit.register
def _end_workers() -> None:
    """At the exit, after an error say, multiprocessing would ask daemonic processes to end and wait for ever
    where they are workers, which ignore signals.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch's handler raises an error for killed workers
    for process in multiprocessing.active_children():
        if process.daemon:
            process.kill()


def _start_worker(_: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # the training process ends its workers
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
