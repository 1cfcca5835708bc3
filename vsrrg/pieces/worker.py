"""A worker does one task of a job after another, with one open model."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from vsrrg.errors import MediaError, OutOfMemoryError, VsrrgError
from vsrrg.ffmpeg.losses import find_losses
from vsrrg.ffmpeg.probe import probe
from vsrrg.ffmpeg.transcode import Prepared, derain_file, prepare
from vsrrg.files import appearing
from vsrrg.pieces import folder
from vsrrg.pieces.cutting import cut_file
from vsrrg.pieces.identity import identity
from vsrrg.pieces.index import Whole
from vsrrg.pieces.join import join_pieces
from vsrrg.pieces.piece import Made, Mismatch, derain_piece
from vsrrg.pieces.plan import Plan
from vsrrg.pieces.tasks import (
    Derain,
    Derained,
    Done,
    Entire,
    Failed,
    Job,
    Join,
    Look,
    Looked,
    Outcome,
    Source,
    Task,
    Uncut,
)

if TYPE_CHECKING:
    from vsrrg.engine import Derainer


class Worker:
    """Does the tasks of one job; `do` in one thread, `frames` from any."""

    def __init__(
        self,
        job: Job,
        open_engine: Callable[[], Derainer] | None = None,
        counted: Callable[[int], None] | None = None,
    ) -> None:
        """Take the job.

        Args:
            open_engine: gives an engine with the job's options; by default one is made when it is needed.
            counted: told the frames derained of the task at hand, after each.
        """
        self._given = job
        """What pieces are recognized by."""
        self.job = job
        """The same, perhaps with a share of the machine instead of all of it."""
        self._open_engine = open_engine
        self._counted = counted
        self._derainer: Derainer | None = None
        self._planned: tuple[Source, Plan] | None = None
        """The plan of the file at hand, and what follows from it for ffmpeg."""
        self._prepared: tuple[Source, Prepared] | None = None
        self._frames = 0
        self.error: VsrrgError | None = None
        """What the last failure was, as it was raised."""

    def frames(self) -> int:
        """Frames derained of the task at hand."""
        return self._frames

    def do(self, task: Task) -> Outcome:
        """Does one task; what is the fault of files or options is told in the outcome."""
        self._frames, self.error = 0, None
        try:
            check_same(task.source)
            match task:
                case Look():
                    return self._look(task)
                case Derain():
                    return self._derain(task)
                case Join():
                    return self._join(task.source)
                case Entire():
                    return self._entire(task.source)
        except (Whole, Mismatch) as error:
            folder.write_whole_reason(task.source, str(error))
            return Uncut(str(error))
        except VsrrgError as error:
            self.error = error
            passing = isinstance(error, MediaError | OutOfMemoryError) and not isinstance(task, Look)
            return Failed(_of_target(str(error), task.source), again=passing, code=error.code)
        except OSError as error:
            return Failed(f"{error.filename or str(task.source.target)!r}: {error.strerror}", again=True)

    def engine(self) -> Derainer:
        """The engine with the open model."""
        if self._derainer is None:
            from vsrrg.hooks.resolve import create_derainer

            opened = self._open_engine
            self._derainer = create_derainer(self.job.options) if opened is None else opened()
        return self._derainer

    def _look(self, task: Look) -> Looked:
        began, source = monotonic(), task.source
        anew = folder.begin(source, identity(self._given, source))
        reason = folder.find_whole_reason(source)
        plan = None if reason is not None else folder.find_plan(source)
        if reason is None and plan is None:
            try:
                plan = cut_file(source, self.job, task.wanted)
                folder.write_plan(source, plan)
            except Whole as error:
                reason = str(error)
                folder.write_whole_reason(source, reason)
        if plan is None:
            frames = probe(source.path).frames or 0
            return Looked(frames, 0, (), monotonic() - began, reason or "", anew)
        kept = [piece.number for piece in plan.pieces if folder.is_intact(source, piece.number)]
        made = [(number, folder.find_made(source, number)) for number in kept]
        there = tuple(_derained(number, one) for number, one in made if one is not None)
        return Looked(plan.frames, len(plan.pieces), there, monotonic() - began, anew=anew)

    def _derain(self, task: Derain) -> Derained:
        source, number = task.source, task.number
        folder.claim(source, number)
        plan = self._plan(source)
        with appearing(folder.piece_path(source, number)) as unfinished:
            made = derain_piece(
                self._prepare(source),
                plan,
                plan.pieces[number],
                unfinished,
                self.job.options,
                self.engine().stream,
                threads=self.job.encode.threads,
                effort=task.effort,
                done=self._count,
            )
        folder.keep(source, number, made)
        return _derained(number, made)

    def _join(self, source: Source) -> Done:
        began = monotonic()
        plan = self._plan(source)
        pieces = []
        for piece in plan.pieces:
            made = folder.find_made(source, piece.number)
            if made is None:
                raise MediaError(
                    "piece-gone", f"a piece of {str(source.path)!r} has gone from {str(source.folder)!r}"
                )
            pieces.append((piece, folder.piece_path(source, piece.number), made.order))
        job = self._prepare(source)
        whole = _whole(source)
        join_pieces(job, plan, pieces, whole)
        folder.finish(source, whole, remember=self.job.remember)
        losses = find_losses(job.media, source.target, job.carried, job.encoder)
        return Done(plan.frames, monotonic() - began, losses.dropped, job.encoder, losses.notes)

    def _entire(self, source: Source) -> Done:
        began = monotonic()
        whole = _whole(source)
        result = derain_file(
            source.path,
            whole,
            self.job.options,
            self.job.encode,
            overwrite=True,
            progress=lambda done, total: self._count(done),
            derainer=self.engine(),
        )
        folder.finish(source, whole, remember=self.job.remember)
        return Done(result.frames, monotonic() - began, result.dropped, result.encoder, result.notes)

    def _count(self, done: int) -> None:
        self._frames = done
        if self._counted is not None:
            self._counted(done)

    def _plan(self, source: Source) -> Plan:
        if self._planned is None or self._planned[0] != source:
            plan = folder.find_plan(source)
            if plan is None:
                raise MediaError(
                    "piece-gone", f"the plan of {str(source.path)!r} has gone from {str(source.folder)!r}"
                )
            self._planned = source, plan
        return self._planned[1]

    def _prepare(self, source: Source) -> Prepared:
        if self._prepared is None or self._prepared[0] != source:
            known = self._plan(source).known
            job = prepare(source.path, source.target, self.job.options, self.job.encode, known)
            self._prepared = source, job
        return self._prepared[1]


def check_same(source: Source) -> None:
    """Raises MediaError unless the file is the one that the job was started with."""
    host = socket.gethostname()
    try:
        status = source.path.stat()
    except OSError as error:
        raise MediaError(
            "source-unseen", f"{str(source.path)!r} cannot be seen on {host}: {error.strerror}"
        ) from error
    if (status.st_size, status.st_mtime_ns) != (source.size, source.changed):
        raise MediaError(
            "source-changed",
            f"{str(source.path)!r} has changed since the job began, or is another one on {host}; start again",
        )


def _of_target(reason: str, source: Source) -> str:
    """The reason with the target's name in place of that of the file that it is made as."""
    return reason.replace(str(_whole(source)), str(source.target))


def _whole(source: Source) -> Path:
    """Where the target is made."""
    return source.folder / f"target{source.target.suffix}"


def _derained(number: int, made: Made) -> Derained:
    held = {name: value for name, value in asdict(made).items() if name != "order"}
    return Derained(number=number, **held)
