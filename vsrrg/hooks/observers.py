"""Tells observers how a job goes: ``with observed(job) as advance:``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from vsrrg.errors import one_line
from vsrrg.hooks.items import Job, Observer, Summary
from vsrrg.hooks.manager import Offer, blaming, get_manager
from vsrrg.hooks.trace import traced

log = logging.getLogger("vsrrg.hooks")

INTERVAL = 0.1
"""Seconds between two calls of ``advanced`` at least."""

type Advance = Callable[[int, int | None], None]
"""To be called after each frame with frames done, and frames in all where that is known or can be estimated;
by one thread at a time.
"""


@contextmanager
def observed(job: Job, *own: Observer) -> Iterator[Advance]:
    """Tells observers that the job starts, how it advances, and that it is finished or has failed.

    These are the caller's own, such as a progress bar, then those of plugins. The job is what happens inside
    ``with``; whatever is raised there is a failure, and goes on.

    Raises:
        PluginError: a plugin's observer failed in ``started``, ``advanced`` or ``finished``, the last of
            which comes too late to undo the job.
    """
    offers = [Offer("", one) for one in own] + get_manager().collect("vsrrg_observers", Observer)
    told: list[Offer[Observer]] = []
    progress = _Progress(job, told)
    began = monotonic()
    try:
        for offer in offers:
            _tell(offer, "started", job)
            told.append(offer)
        yield progress
        progress.tell()
    except BaseException as error:
        for offer in told:
            try:
                _tell(offer, "failed", job, error)
            except Exception as another:
                log.warning("%s", one_line(another))
        raise
    summary = Summary(frames=progress.done, seconds=monotonic() - began)
    failures = []
    for offer in told:
        try:
            _tell(offer, "finished", job, summary)
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]


class _Progress:
    """Passes on some of what it is told, and in the end the last."""

    def __init__(self, job: Job, observers: list[Offer[Observer]]) -> None:
        self.done = 0
        self._job = job
        self._observers = observers
        self._total: int | None = None
        self._told = 0
        self._next = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        self.done, self._total = done, total
        if monotonic() >= self._next:
            self.tell()

    def tell(self) -> None:
        """Tells the observers what they do not know yet."""
        if self.done == self._told:
            return
        self._told = self.done
        for offer in self._observers:
            _tell(offer, "advanced", self._job, self.done, self._total)
        self._next = monotonic() + INTERVAL


def _tell(offer: Offer[Observer], event: str, *what: object) -> None:
    call = getattr(offer.item, event)
    if not offer.plugin:
        call(*what)
        return
    tell = traced(offer.plugin, f"{event} of an observer", call)
    with blaming(offer.plugin, f"in {event} of an observer"):
        tell(*what)
