"""What is to be done next, and what follows from what was done: a state for each file, and no Ray."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from vsrrg.pieces.piece import STEPS
from vsrrg.pieces.tasks import (
    Derain,
    Derained,
    Done,
    Entire,
    Failed,
    Join,
    Look,
    Looked,
    Lost,
    Outcome,
    Source,
    Task,
    Uncut,
)

TRIES = 3
"""Workers that may be lost over one task before it is the task's fault."""
AGAIN = 1
"""Tries after a failure that may pass."""


@dataclass
class _File:
    source: Source
    frames: int = 0
    pieces: int = 0
    made: dict[int, Derained] = field(default_factory=dict)
    entire: bool = False
    """Whether it is derained at once; pieces that are still under way then count no more."""


class Schedule:
    """Hands out the tasks of a job, each to be answered with its outcome.

    Pieces of files that were begun come first, and files are looked at only when a worker would be idle
    otherwise: so few are in work at a time.
    """

    def __init__(self, sources: Iterable[Source], wanted: int) -> None:
        """Take the files, and into how many pieces each may be cut at least."""
        self._new = deque(sources)
        self._wanted = wanted
        self._ready: deque[Task] = deque()
        self._files: dict[Source, _File] = {}
        self._lost: Counter[Task] = Counter()
        self._failures: Counter[Task] = Counter()
        self.failed: dict[Source, Failed] = {}
        """Files that failed, and why."""
        self.done: dict[Source, Done] = {}
        """Files whose targets are there."""
        self.whole: dict[Source, str] = {}
        """Files that stay whole, and why."""
        self.anew: dict[Source, str] = {}
        """Files of which pieces of another job were found, and what that is."""
        self.frames = 0
        """Frames of finished pieces and files."""
        self.found: Counter[Source] = Counter()
        """Frames of each file that were in finished pieces before the job began: they count among `frames`.
        """

    @property
    def finished(self) -> bool:
        """Whether all files are done, or have failed."""
        return not self._new and not self._files

    @property
    def in_work(self) -> dict[Source, tuple[int, int]]:
        """Files that are begun and not finished: frames in finished pieces, and in all, 0 if not known."""
        return {
            source: (sum(made.frames for made in file.made.values()), file.frames)
            for source, file in self._files.items()
        }

    @property
    def pieces(self) -> tuple[int, int]:
        """Finished pieces of the files in work, and all of them."""
        files = self._files.values()
        return sum(len(file.made) for file in files), sum(file.pieces for file in files)

    @property
    def known(self) -> tuple[int, int]:
        """Frames and bytes of the files that were looked at."""
        begun = [file for file in self._files.values() if file.frames]
        frames = sum(file.frames for file in begun) + sum(done.frames for done in self.done.values())
        return frames, sum(file.source.size for file in begun) + sum(source.size for source in self.done)

    def next(self) -> Task | None:
        """The next task; None as long as others must be finished first."""
        while self._ready:
            task = self._ready.popleft()
            if task.source in self._files:
                return task
        if not self._new:
            return None
        source = self._new.popleft()
        self._files[source] = _File(source)
        return Look(source, self._wanted)

    def take(self, task: Task, outcome: Outcome) -> None:
        """Take the outcome of a task that `next` gave."""
        file = self._files.get(task.source)
        if file is None or (file.entire and not isinstance(task, Entire)):
            return  # The file has failed meanwhile, or stays whole.
        match outcome:
            case Looked():
                self._plan(file, outcome)
            case Derained():
                file.made[outcome.number] = outcome
                self.frames += outcome.frames
                if len(file.made) == file.pieces:
                    self._check_seams(file)
            case Done():
                self.frames += outcome.frames - sum(made.frames for made in file.made.values())
                self.done[file.source] = outcome
                del self._files[file.source]
            case Uncut():
                self._make_entire(file, outcome.reason)
            case Failed(again=True) if self._failures[task] < AGAIN:
                self._failures[task] += 1
                self._ready.append(task)
            case Lost() if self._lost[task] < TRIES - 1:
                self._lost[task] += 1
                self._ready.appendleft(task)
            case Failed():
                self._fail(file, outcome)
            case Lost(reason=reason):
                self._fail(file, Failed(f"{TRIES} workers were lost over it; the last said: {reason}"))

    def _plan(self, file: _File, looked: Looked) -> None:
        file.frames = looked.frames
        if looked.anew:
            self.anew[file.source] = looked.anew
        if not looked.pieces:
            self._make_entire(file, looked.whole)
            return
        file.pieces = looked.pieces
        file.made = {made.number: made for made in looked.made}
        there = sum(made.frames for made in looked.made)
        self.frames += there
        self.found[file.source] = there
        missing = (number for number in range(file.pieces) if number not in file.made)
        self._ready.extend(Derain(file.source, number) for number in missing)
        if len(file.made) == file.pieces:
            self._check_seams(file)

    def _check_seams(self, file: _File) -> None:
        """Joins the pieces if they agree on the frames around each cut; makes those anew that do not."""
        wrong = [
            made for number, made in file.made.items() if number and made.head != file.made[number - 1].tail
        ]
        for made in wrong:
            if made.effort + 1 == len(STEPS):
                self._make_entire(file, "its frames depend on where decoding begins")
                return
            del file.made[made.number]
            self.frames -= made.frames
            self._ready.append(Derain(file.source, made.number, made.effort + 1))
        if not wrong:
            self._ready.appendleft(Join(file.source))

    def _make_entire(self, file: _File, reason: str) -> None:
        """Derains the file at once, when nobody is at its pieces any more."""
        self.whole[file.source] = reason
        self.frames -= sum(made.frames for made in file.made.values())
        file.made, file.pieces, file.entire = {}, 0, True
        self._ready = deque(task for task in self._ready if task.source != file.source)
        self._ready.append(Entire(file.source))

    def _fail(self, file: _File, failed: Failed) -> None:
        self.failed[file.source] = failed
        self.frames -= sum(made.frames for made in file.made.values())
        del self._files[file.source]
