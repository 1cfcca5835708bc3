"""Files one after another, with one open model; a bad one fails alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from vsrrg.batch.events import Advance, Done, Failed, Note, Planned, Skipped, Start, Summary, Told
from vsrrg.batch.inputs import Pair, make_folder_of
from vsrrg.errors import ModelError, OptionError, code_of, one_line
from vsrrg.ffmpeg.transcode import (
    EncodeOptions,
    TranscodeResult,
    check_encode,
    check_target,
    derain_file,
    prepare,
)
from vsrrg.hooks import Job, Observer
from vsrrg.hooks import Summary as JobSummary
from vsrrg.hooks.observers import observed
from vsrrg.pieces.lock import alone_in
from vsrrg.pieces.sequence import derain_in_pieces, forget, is_made, left_behind

if TYPE_CHECKING:
    from vsrrg.engine import Derainer, Options


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A job of files."""

    pairs: tuple[Pair, ...]
    options: Options
    encode: EncodeOptions
    out: Path
    """The folder of the outputs, or the one output."""
    many: bool
    """Whether `out` is a folder: then outputs that exist are skipped, and folders are made as needed. Else
    one that exists is an error, as all that is wrong with the one file.
    """
    left_out: int = 0
    """Files in folders that are no videos."""
    overwrite: bool = False
    """Whether outputs that exist are made anew."""
    resume: bool = False
    """Whether files are made in pieces, which an interruption leaves."""


_PLUMBING = ("fps_mode", "enc_time_base", "c:v:0", "color_range")
"""Options of ffmpeg that are the same in every job, or told elsewhere."""

type Tell = Callable[[Told], None]


def run_batch(batch: Batch, tell: Tell, observers: Callable[[], Sequence[Observer]] = tuple) -> Summary:
    """Derain the files; tells all that happens, in the end the summary, which it returns.

    Args:
        observers: the caller's own for one file.

    Raises:
        OptionError, ModelError: no file can be derained in this way.
        KeyboardInterrupt, SystemExit: as raised by signals, after the summary was told.
        Exception: what fails a single file, where that is no job of many.
    """
    return _Run(batch, tell, observers).run()


def check_choices(options: Options, encode: EncodeOptions) -> None:
    """Look at what is asked for before any file is.

    Raises:
        OptionError, ModelError, PluginError: there is no such filter, model, backend, device, encoder or
            pixel format, or the backend cannot run here.
        MediaError: there is no ffmpeg.
    """
    from vsrrg.engine.device import check_device
    from vsrrg.hooks.filters import make_filters
    from vsrrg.hooks.resolve import find_backend, find_model

    check_encode(encode)
    if options.device is not None:
        check_device(options.device)
    make_filters(options.filters)
    find_model(options.model)
    find_backend(options.backend)


def plan_batch(batch: Batch, tell: Tell) -> Summary:
    """Tell what `run_batch` would do, without doing it; raises as that does."""
    check_choices(batch.options, batch.encode)
    return _Run(batch, tell, tuple, dry=True).run()


class _Run:
    """Goes through the files of a batch, and counts."""

    def __init__(
        self, batch: Batch, tell: Tell, observers: Callable[[], Sequence[Observer]], *, dry: bool = False
    ) -> None:
        self._batch = batch
        self._tell = tell
        self._observers = observers
        self._dry = dry
        self._derainer: Derainer | None = None
        self._done = self._skipped = self._frames = 0
        self._failures: list[Failed] = []
        self._began = monotonic()

    def run(self) -> Summary:
        batch = self._batch
        with self._alone():
            try:
                for number, pair in enumerate(batch.pairs, start=1):
                    self._file(number, pair)
            except BaseException as error:
                self._tell(self._summary(interrupted=not isinstance(error, Exception)))
                raise
            if batch.resume and not self._dry and not self._failures:
                for pair in batch.pairs:
                    forget(pair.source, pair.target)
        summary = self._summary()
        self._tell(summary)
        return summary

    def _alone(self) -> AbstractContextManager[None]:
        """Keeps other jobs away from where pieces are kept."""
        batch = self._batch
        where = batch.out if batch.many else batch.out.absolute().parent
        if self._dry or not batch.resume or not (batch.many or where.is_dir()):
            return nullcontext()
        return alone_in(where, shared=not batch.many)

    def _file(self, number: int, pair: Pair) -> None:
        batch = self._batch
        reason = self._reason_to_skip(pair)
        if reason:
            self._skipped += 1
            older = is_older(pair.target, pair.source)
            self._tell(Skipped(input=pair.source, output=pair.target, reason=reason, older=older))
            return
        try:
            if self._dry:
                self._tell(self._planned(pair))
                self._done += 1
                return
            self._tell(Start(input=pair.source, output=pair.target, file=number, files=len(batch.pairs)))
            result = self._derain(pair)
        except (KeyboardInterrupt, SystemExit):
            self._fail(pair, "interrupted", "interrupted", interrupted=True)
            raise
        except Exception as error:
            self._fail(pair, one_line(error), code_of(error))
            if not batch.many or isinstance(error, OptionError | ModelError):
                raise
            return
        self._done += 1
        self._frames += result.frames - result.found
        for text in result.notes:
            self._tell(Note(input=pair.source, output=pair.target, text=text))
        self._tell(
            Done(
                input=pair.source,
                output=pair.target,
                frames=result.frames,
                found=result.found,
                seconds=result.seconds,
                fps=result.fps,
                encoder=result.encoder,
                dropped=result.dropped,
            )
        )

    def _reason_to_skip(self, pair: Pair) -> str:
        batch = self._batch
        if not batch.many or not pair.target.is_file():
            return ""
        if not batch.overwrite:
            return "it exists"
        made = batch.resume and is_made(pair.source, pair.target, batch.options, batch.encode)
        return "this job has made it before it was interrupted" if made else ""

    def _fail(self, pair: Pair, error: str, code: str, *, interrupted: bool = False) -> None:
        failed = Failed(
            input=pair.source, output=pair.target, error=error, code=code, interrupted=interrupted
        )
        self._failures.append(failed)
        self._tell(failed)

    def _derain(self, pair: Pair) -> TranscodeResult:
        batch = self._batch
        job = Job(kind="derain", source=str(pair.source), target=str(pair.target), options=batch.options)
        teller = _Teller(pair, self._tell)
        with observed(job, *self._observers(), teller) as progress:
            if batch.many:
                make_folder_of(pair.target)
            tell = partial(self._note, pair)
            if batch.resume:
                return derain_in_pieces(
                    pair.source,
                    pair.target,
                    batch.options,
                    batch.encode,
                    overwrite=batch.overwrite,
                    remember=batch.overwrite and batch.many,
                    progress=progress,
                    open_engine=self._engine,
                    tell=tell,
                )
            left = left_behind(pair.source, pair.target, batch.options, batch.encode)
            if left:
                tell(left)
            return derain_file(
                pair.source,
                pair.target,
                batch.options,
                batch.encode,
                overwrite=batch.overwrite,
                progress=progress,
                derainer=self._engine,
            )

    def _note(self, pair: Pair, text: str) -> None:
        self._tell(Note(input=pair.source, output=pair.target, text=text))

    def _engine(self) -> Derainer:
        """The engine with the open model, made when the first file needs it."""
        from vsrrg.hooks.resolve import create_derainer

        if self._derainer is None:
            self._derainer = create_derainer(self._batch.options)
        return self._derainer

    def _planned(self, pair: Pair) -> Planned:
        batch = self._batch
        if not batch.many:
            check_target(pair.source, pair.target, overwrite=batch.overwrite)
        job = prepare(pair.source, pair.target, batch.options, batch.encode)
        return Planned(
            input=pair.source,
            output=pair.target,
            frames=job.media.frames,
            width=job.media.width,
            height=job.media.height,
            pix_fmt=job.media.pix_fmt,
            container=pair.target.suffix.removeprefix("."),
            encoder=job.encoder,
            settings={name: str(value) for name, value in job.settings.items() if name not in _PLUMBING},
            dropped=tuple(job.carried.dropped),
        )

    def _summary(self, *, interrupted: bool = False) -> Summary:
        return Summary(
            files=len(self._batch.pairs),
            done=self._done,
            failed=len(self._failures),
            skipped=self._skipped,
            left_out=self._batch.left_out,
            frames=self._frames,
            seconds=monotonic() - self._began,
            interrupted=interrupted,
            failures=tuple(self._failures),
        )


def is_older(target: Path, source: Path) -> bool:
    """Whether an output is older than its input, to judge by the times of the files."""
    try:
        return target.stat().st_mtime_ns < source.stat().st_mtime_ns
    except OSError:
        return False


class _Teller:
    """Tells how a file goes on, as an observer of its job."""

    def __init__(self, pair: Pair, tell: Tell) -> None:
        self._pair = pair
        self._tell = tell
        self._began = monotonic()
        self._first: int | None = None

    def started(self, job: Job) -> None:
        """The caller has told that."""

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        """Tells the frames; those that were there from an earlier job do not count for the speed."""
        if self._first is None:
            self._first = done - 1
        seconds = monotonic() - self._began
        pair = self._pair
        self._tell(
            Advance(
                input=pair.source,
                output=pair.target,
                frames=done,
                total=total,
                fps=(done - self._first) / seconds if seconds else 0.0,
            )
        )

    def finished(self, job: Job, summary: JobSummary) -> None:
        """The caller will tell that."""

    def failed(self, job: Job, error: BaseException) -> None:
        """The caller will tell that."""
