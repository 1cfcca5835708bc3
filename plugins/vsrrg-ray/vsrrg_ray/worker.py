"""A worker: one process with some cores, or a GPU, that does one task after another with one open model."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from vsrrg import __version__
from vsrrg.errors import MediaError, OutOfMemoryError, VsrrgError
from vsrrg.ffmpeg.probe import probe
from vsrrg.ffmpeg.transcode import Prepared, derain_file, prepare
from vsrrg.files import appearing
from vsrrg_ray import folder
from vsrrg_ray.cluster import Slot
from vsrrg_ray.cutting import cut_file
from vsrrg_ray.index import Whole
from vsrrg_ray.inputs import model_hash
from vsrrg_ray.join import join_pieces
from vsrrg_ray.piece import Made, Mismatch, derain_piece
from vsrrg_ray.plan import Plan
from vsrrg_ray.tasks import (
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

    def __init__(self, job: Job, slot: Slot) -> None:
        """Take the job, and the share of the machine that this process has."""
        import torch

        from vsrrg.engine.memory import keep_freed_memory

        keep_freed_memory()
        torch.set_num_threads(slot.cores)
        options = replace(job.options, device=slot.device, max_memory=memory_share(job, slot))
        self._job = replace(job, options=options, encode=replace(job.encode, threads=slot.cores))
        self._derainer: Derainer | None = None
        self._planned: tuple[Source, Plan] | None = None
        """The plan of the file at hand, and what follows from it for ffmpeg."""
        self._prepared: tuple[Source, Prepared] | None = None
        self._frames = 0

    def ready(self, sample: Source) -> Failed | None:
        """Why this machine cannot work for the job, as told by one of its files; None if it can."""
        host = socket.gethostname()
        if __version__ != self._job.version:
            return Failed(
                f"{host} has vsrrg {__version__}, not {self._job.version}; install the same everywhere"
            )
        for path in (self._job.folder, sample.path):
            if not path.exists():
                return Failed(
                    f"{host} does not see {str(path)!r}; files must lie under the same path on all machines, "
                    "on storage that they share"
                )
        try:
            model = model_hash(self._job.options.model)
            self._engine()
        except VsrrgError as error:
            return Failed(f"{host} cannot derain: {error}")
        if model != self._job.model:
            return Failed(
                f"{host} has another model {self._job.options.model!r}; install the same everywhere"
            )
        return None

    def frames(self) -> int:
        """Frames derained of the task at hand."""
        return self._frames

    def do(self, task: Task) -> Outcome:
        """Does one task; what is the fault of files or options is told in the outcome."""
        self._frames = 0
        try:
            _check_same(task.source)
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
            passing = isinstance(error, MediaError | OutOfMemoryError) and not isinstance(task, Look)
            return Failed(_of_target(str(error), task.source), again=passing)
        except OSError as error:
            return Failed(f"{error.filename or str(task.source.target)!r}: {error.strerror}", again=True)

    def _look(self, task: Look) -> Looked:
        began, source = monotonic(), task.source
        source.folder.mkdir(exist_ok=True)
        reason = folder.find_whole_reason(source)
        plan = None if reason is not None else folder.find_plan(source)
        if reason is None and plan is None:
            try:
                plan = cut_file(source, self._job, task.wanted)
                folder.write_plan(source, plan)
            except Whole as error:
                reason = str(error)
                folder.write_whole_reason(source, reason)
        if plan is None:
            frames = probe(source.path).frames or 0
            return Looked(frames, 0, (), monotonic() - began, reason or "")
        made = [(piece.number, folder.find_made(source, piece.number)) for piece in plan.pieces]
        there = tuple(_derained(number, one) for number, one in made if one is not None)
        return Looked(plan.frames, len(plan.pieces), there, monotonic() - began)

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
                self._job.options,
                self._engine().stream,
                threads=self._job.encode.threads,
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
                    "ray-piece-gone", f"a piece of {str(source.path)!r} has gone from {str(source.folder)!r}"
                )
            pieces.append((piece, folder.piece_path(source, piece.number), made.order))
        job = self._prepare(source)
        whole = source.folder / source.target.name
        join_pieces(job, plan, pieces, whole)
        _finish(source, whole)
        return Done(plan.frames, monotonic() - began, tuple(job.carried.dropped))

    def _entire(self, source: Source) -> Done:
        began = monotonic()
        whole = source.folder / source.target.name
        result = derain_file(
            source.path,
            whole,
            self._job.options,
            self._job.encode,
            overwrite=True,
            progress=lambda done, total: self._count(done),
            derainer=self._engine(),
        )
        _finish(source, whole)
        return Done(result.frames, monotonic() - began, result.dropped)

    def _count(self, done: int) -> None:
        self._frames = done

    def _engine(self) -> Derainer:
        if self._derainer is None:
            from vsrrg.hooks.resolve import create_derainer

            self._derainer = create_derainer(self._job.options)
        return self._derainer

    def _plan(self, source: Source) -> Plan:
        if self._planned is None or self._planned[0] != source:
            plan = folder.find_plan(source)
            if plan is None:
                raise MediaError(
                    "ray-piece-gone", f"the plan of {str(source.path)!r} has gone from {str(source.folder)!r}"
                )
            self._planned = source, plan
        return self._planned[1]

    def _prepare(self, source: Source) -> Prepared:
        if self._prepared is None or self._prepared[0] != source:
            known = self._plan(source).known
            job = prepare(source.path, source.target, self._job.options, self._job.encode, known)
            self._prepared = source, job
        return self._prepared[1]


def memory_share(job: Job, slot: Slot) -> int | None:
    """Bytes that the engine of this worker may take, so that its neighbours have as much."""
    if job.options.max_memory is not None or slot.neighbours == 1:
        return job.options.max_memory
    from vsrrg.engine.budget import SHARE
    from vsrrg.engine.free_memory import free_ram

    if slot.device == "cpu":
        free = free_ram()
        return None if free is None else int(SHARE * free / slot.neighbours)
    if slot.gpus >= 1:
        return None
    import torch

    return int(SHARE * torch.cuda.get_device_properties(0).total_memory * slot.gpus)


def _check_same(source: Source) -> None:
    """Raises MediaError unless the file is the one that the job was started with."""
    try:
        status = source.path.stat()
    except OSError as error:
        raise MediaError(
            "ray-source-unseen",
            f"{str(source.path)!r} cannot be seen on {socket.gethostname()}: {error.strerror}",
        ) from error
    if (status.st_size, status.st_mtime_ns) != (source.size, source.changed):
        raise MediaError(
            "ray-source-changed",
            f"{str(source.path)!r} has changed, or is another file on {socket.gethostname()}; start again",
        )


def _of_target(reason: str, source: Source) -> str:
    """The reason with the target's name in place of that of the file that it is made as."""
    return reason.replace(str(source.folder / source.target.name), str(source.target))


def _derained(number: int, made: Made) -> Derained:
    held = {name: value for name, value in asdict(made).items() if name != "order"}
    return Derained(number=number, **held)


def _finish(source: Source, whole: Path) -> None:
    """The target appears, and what it was made of goes."""
    os.replace(whole, source.target)
    folder.mark_done(source)
    shutil.rmtree(source.folder, ignore_errors=True)
