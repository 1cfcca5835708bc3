"""A job from its first file to its last: who is given what, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from vsrrg.batch.events import Event as Told
from vsrrg.pieces.folder import discard, has_pieces
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Done, Failed, Job, Outcome, Source, Task
from vsrrg_ray.cluster import Slot
from vsrrg_ray.crew import Crew
from vsrrg_ray.files import Files
from vsrrg_ray.storage import Sample

GLANCE = 0.5
"""Seconds between two looks at the workers, at most."""


@dataclass(frozen=True)
class Status:
    """How far a job is."""

    frames: int
    total: int | None
    """Frames in all, estimated from the sizes of files that were not looked at."""
    pieces: tuple[int, int]
    """Finished pieces of the files in work, and all of them."""
    files: tuple[int, int]
    """Finished files, and all of them."""
    workers: int
    """Ready workers."""


@dataclass(frozen=True)
class Event:
    """What came of a task, for reports."""

    at: float
    """Seconds since the job began."""
    worker: int
    task: Task
    outcome: Outcome


@dataclass(frozen=True)
class Summary:
    """What came of a job."""

    done: dict[Source, Done]
    failed: dict[Source, Failed]
    whole: dict[Source, str]
    """Files that were not cut, and why."""
    frames: int
    """Frames that were derained now."""
    seconds: float
    started: float
    """Seconds before the first worker was ready."""
    workers: int
    """Most workers that were ready at a time."""
    events: list[Event] = field(default_factory=list)


def run_job(
    job: Job,
    sources: Sequence[Source],
    find_slots: Callable[[], Sequence[Slot]],
    *,
    mark: Path | None = None,
    most: int | None = None,
    tell: Callable[[Told], None] = lambda told: None,
    show: Callable[[Status], None] = lambda status: None,
) -> Summary:
    """Derain files on a cluster that this process has joined; returns when all are done or have failed.

    Args:
        find_slots: where there is room for workers now.
        mark: what workers must see among the outputs.
        most: workers at a time at most.
        tell: told what happens to each file.
        show: told how far the job is, about twice a second.

    Raises:
        ClusterError: no machine can work.
        PluginError: an observer of a plugin failed.
    """
    began = monotonic()
    crew = Crew(job, Sample(sources[0], mark), find_slots, most)
    size = sum(source.size for source in sources)
    started, workers, shown = 0.0, 0, began
    events: list[Event] = []
    files = Files(job.options, len(sources), tell)
    try:
        crew.settle()
        schedule = Schedule(sources, wanted=max(1, -(-4 * crew.room // len(sources))))
        while not schedule.finished:
            for hand in crew.idle():
                task = schedule.next()
                if task is None:
                    break
                crew.give(hand, task)
            for worker, task, outcome in crew.wait(GLANCE):
                schedule.take(task, outcome)
                events.append(Event(monotonic() - began, worker, task, outcome))
            if crew.working and not workers:
                started = monotonic() - began
            workers = max(workers, crew.working)
            if not schedule.finished:
                crew.settle()
            if schedule.finished or monotonic() - shown > GLANCE:
                shown = monotonic()
                files.look(schedule, crew.frames)
                show(_status(schedule, crew, size, len(sources)))
    except BaseException as error:
        files.stop(error)
        raise
    finally:
        crew.close()
    for source in schedule.failed:
        if not has_pieces(source):
            discard(source)
    return Summary(
        schedule.done,
        schedule.failed,
        schedule.whole,
        schedule.frames - schedule.found.total(),
        monotonic() - began,
        started,
        workers,
        events,
    )


def _status(schedule: Schedule, crew: Crew, size: int, files: int) -> Status:
    frames, seen = schedule.known
    total = round(frames * max(1.0, size / seen)) if seen else None
    finished = len(schedule.done) + len(schedule.failed)
    done = schedule.frames + crew.frames.total()
    return Status(done, total, schedule.pieces, (finished, files), crew.working)
