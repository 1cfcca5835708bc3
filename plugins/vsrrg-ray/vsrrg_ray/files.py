"""Tells of each file how it goes: the command that asked for it, and the observers of plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import monotonic

from vsrrg.batch.events import Advance, Done, Event, Failed, Note, Start
from vsrrg.engine import Options
from vsrrg.errors import MediaError, code_of, one_line
from vsrrg.hooks import Job
from vsrrg.hooks.observers import Advance as Count
from vsrrg.hooks.observers import observed
from vsrrg.pieces import tasks
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Source


@dataclass
class _Open:
    """A file in work."""

    observers: AbstractContextManager[Count]
    count: Count
    began: float
    told: int = -1
    """Frames that were told last."""
    is_looked_at: bool = False


class Files:
    """What is known of the files: told again and again what is so, it tells what is new.

    For the observers of plugins each file is a job of its own, which starts when a worker first looks at it.
    """

    def __init__(self, options: Options, count: int, tell: Callable[[Event], None]) -> None:
        """Take the number of files, and who is told what happens to them."""
        self._options = options
        self._count = count
        self._tell = tell
        self._begun = 0
        self._open: dict[Source, _Open] = {}
        self._ended: set[Source] = set()

    def look(self, schedule: Schedule, under_way: Mapping[Source, int]) -> None:
        """Tells how the files are now; `under_way` counts frames of each that are not in finished pieces.

        Raises:
            PluginError: an observer failed.
        """
        for source, (made, total) in schedule.in_work.items():
            file = self._open.get(source) or self._start(source)
            if total and not file.is_looked_at:
                file.is_looked_at = True
                self._note(source, *_what_was_there(schedule, source, total))
            done = made + under_way.get(source, 0)
            file.count(done, total or None)
            if done != file.told:
                file.told = done
                seconds = monotonic() - file.began
                fps = (done - schedule.found[source]) / seconds if seconds else 0.0
                self._tell(
                    Advance(
                        input=source.path, output=source.target, frames=done, total=total or None, fps=fps
                    )
                )
        for source in (*schedule.done, *schedule.failed):
            if source not in self._ended:
                self._ended.add(source)
                self._end(source, schedule)

    def stop(self, error: BaseException) -> None:
        """Tells that the files in work are given up, for this reason."""
        while self._open:
            source, file = self._open.popitem()
            stopped = not isinstance(error, Exception)
            reason, code = ("interrupted",) * 2 if stopped else (one_line(error), code_of(error))
            failed = Failed(
                input=source.path, output=source.target, error=reason, code=code, interrupted=stopped
            )
            self._tell(failed)
            file.observers.__exit__(type(error), error, None)

    def _start(self, source: Source) -> _Open:
        self._begun += 1
        self._tell(Start(input=source.path, output=source.target, file=self._begun, files=self._count))
        job = Job(kind="farm", source=str(source.path), target=str(source.target), options=self._options)
        observers = observed(job)
        file = self._open[source] = _Open(observers, observers.__enter__(), monotonic())
        return file

    def _end(self, source: Source, schedule: Schedule) -> None:
        file = self._open.get(source) or self._start(source)
        del self._open[source]
        if source in schedule.failed:
            failed = schedule.failed[source]
            self._tell(Failed(input=source.path, output=source.target, error=failed.reason, code=failed.code))
            error = MediaError(failed.code, failed.reason)
            file.observers.__exit__(type(error), error, None)
            return
        done, found, seconds = schedule.done[source], schedule.found[source], monotonic() - file.began
        if not file.is_looked_at:
            self._note(source, *_what_was_there(schedule, source, done.frames))
        self._note(source, *done.notes)
        self._tell(_done(source, done, found, seconds))
        file.count(done.frames, done.frames)
        file.observers.__exit__(None, None, None)

    def _note(self, source: Source, *texts: str) -> None:
        for text in texts:
            self._tell(Note(input=source.path, output=source.target, text=text))


def _what_was_there(schedule: Schedule, source: Source, frames: int) -> list[str]:
    """What earlier jobs have left of a file, in sentences without their subject."""
    notes = []
    if source in schedule.anew:
        notes.append(f"is begun anew, for what was there is of {schedule.anew[source]}")
    if schedule.found[source]:
        notes.append(f"goes on after {schedule.found[source]} of {frames} frames")
    return notes


def _done(source: Source, done: tasks.Done, found: int, seconds: float) -> Done:
    return Done(
        input=source.path,
        output=source.target,
        frames=done.frames,
        found=found,
        seconds=seconds,
        fps=(done.frames - found) / seconds if seconds else 0.0,
        encoder=done.encoder,
        dropped=done.dropped,
    )
