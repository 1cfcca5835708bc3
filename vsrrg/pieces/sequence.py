"""A file piece by piece in this process: what is finished stays, however the process ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from vsrrg import __version__
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.transcode import EncodeOptions, Progress, TranscodeResult, check_target
from vsrrg.pieces.folder import (
    LOCK,
    count_frames,
    differs_from,
    discard,
    has_pieces,
    is_done,
    is_in_work,
    is_noted,
)
from vsrrg.pieces.identity import describe, identity, model_hash
from vsrrg.pieces.lock import held
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Entire, Job, Looked, Source
from vsrrg.pieces.worker import Worker

if TYPE_CHECKING:
    from vsrrg.engine import Derainer, Options

PIECE = 300
"""Frames of a piece by default: a minute or two of work on a few cores, which an interruption costs."""


def derain_in_pieces(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    options: Options | None = None,
    encode: EncodeOptions | None = None,
    *,
    overwrite: bool = False,
    remember: bool = False,
    progress: Progress | None = None,
    open_engine: Callable[[], Derainer] | None = None,
    piece: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> TranscodeResult:
    """Remove the rain from a video file as `vsrrg.ffmpeg.transcode.derain_file` does, and go on where an
    earlier call was interrupted.

    Finished pieces are kept in a folder `.vsrrg-NAME-KEY` beside the target, which is gone when the target is
    there. With other options, another model or another input they are of no use, and the job begins anew. A
    file that cannot be cut is one piece.

    Args:
        remember: leaves a note by which `is_made` knows the target, until `forget`.
        open_engine: gives an engine that was made with the same options; by default one is made when it is
            needed.
        piece: frames of a piece, about; by default `PIECE`.
        tell: told in words, each a sentence without its subject, the target, what is found, what begins anew
            and what stays whole.

    Raises:
        MediaError: as `derain_file`; and where another process makes the same target.
        FormatError, OptionError, ModelError: as `derain_file`.
    """
    from vsrrg.engine import Options

    check_target(Path(source), Path(target), overwrite=overwrite)
    job = _job(options or Options(), encode or EncodeOptions(), piece or PIECE, remember)
    try:
        place = describe(Path(source), Path(target))
    except OSError as error:
        raise MediaError("unreadable-source", f"{str(source)!r} cannot be read: {error.strerror}") from error
    with held(place.folder / LOCK, f"another process is at work on {str(target)!r}"):
        try:
            return _work(place, job, open_engine, progress, tell or (lambda words: None))
        finally:
            if not (has_pieces(place) or is_noted(place)):
                discard(place)


def left_behind(source: Path, target: Path, options: Options, encode: EncodeOptions) -> str:
    """What an interrupted `derain_in_pieces` has left for the target, in words, and whether one with the same
    input and options would go on from there; "" where nothing is left.
    """
    try:
        place = describe(source, target)
    except OSError:
        return ""
    frames = 0 if is_in_work(place) else count_frames(place)
    if not frames:
        return ""
    differs = differs_from(place, identity(_job(options, encode), place))
    left = f"was begun before: {place.folder.name!r} holds {frames} finished frames"
    if differs:
        return f"{left} of {differs}, from which --resume with the same would go on"
    return f"{left}, from which --resume would go on"


def is_made(source: Path, target: Path, options: Options, encode: EncodeOptions) -> bool:
    """Whether `derain_in_pieces` has made the target and left a note, with the same input and options."""
    try:
        place = describe(source, target)
    except OSError:
        return False
    return is_done(place, identity(_job(options, encode), place))


def forget(source: Path, target: Path) -> None:
    """Removes the note, if there is one."""
    with contextlib.suppress(OSError):
        place = describe(source, target)
        if is_noted(place):
            discard(place)


def _job(options: Options, encode: EncodeOptions, piece: int = PIECE, remember: bool = False) -> Job:
    if options.model.endswith(".safetensors"):
        options = replace(options, model=str(Path(options.model).absolute()))
    return Job(options, encode, __version__, model_hash(options.model), piece, remember)


def _work(
    source: Source,
    job: Job,
    open_engine: Callable[[], Derainer] | None,
    progress: Progress | None,
    tell: Callable[[str], None],
) -> TranscodeResult:
    began = monotonic()
    schedule = Schedule([source], wanted=1)

    def count(frames: int) -> None:
        if progress is not None:
            done, total = schedule.frames + frames, schedule.in_work[source][1]
            progress(done, max(total, done) if total else None)

    worker = Worker(job, open_engine, count)
    while not schedule.finished:
        task = schedule.next()
        assert task is not None  # one task at a time: there is none to wait for
        outcome = worker.do(task)
        schedule.take(task, outcome)
        if isinstance(outcome, Looked):
            if outcome.anew:
                tell(f"is begun anew, for what was there is of {outcome.anew}")
            if schedule.found[source]:
                tell(f"goes on after {schedule.found[source]} of {outcome.frames} frames")
        if source in schedule.whole and not isinstance(task, Entire):
            tell(f"is made in one piece: {schedule.whole[source]}")
    if source in schedule.failed:
        failed = schedule.failed[source]
        raise (type(worker.error) if worker.error else MediaError)(failed.code, failed.reason)
    done = schedule.done[source]
    seconds = monotonic() - began
    return TranscodeResult(
        done.frames, seconds, done.encoder, done.dropped, schedule.found[source], done.notes
    )
