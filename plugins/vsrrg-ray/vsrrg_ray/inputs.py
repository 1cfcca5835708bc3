"""The files of a job: which of them an earlier run has left to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vsrrg.batch.events import Failed, Skipped, Told
from vsrrg.batch.inputs import Pair, make_folder_of
from vsrrg.batch.run import is_older
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.transcode import check_target
from vsrrg.pieces.folder import is_done
from vsrrg.pieces.identity import describe, identity
from vsrrg.pieces.tasks import Job, Source


def left_to_do(pairs: Sequence[Pair], job: Job, tell: Callable[[Told], None]) -> list[Source]:
    """The files without a finished target; tells which others are skipped, and which cannot be derained.

    A job that remembers its targets makes those anew that it has not made itself.
    """
    sources: list[Source] = []
    for pair in pairs:
        try:
            source = _describe(pair)
            make_folder_of(pair.target)
            check_target(pair.source, pair.target, overwrite=True)
        except MediaError as error:
            tell(Failed(input=pair.source, output=pair.target, error=str(error), code=error.code))
            continue
        reason = _reason_to_skip(source, job)
        if reason:
            older = is_older(pair.target, pair.source)
            tell(Skipped(input=pair.source, output=pair.target, reason=reason, older=older))
        else:
            sources.append(source)
    return sources


def _describe(pair: Pair) -> Source:
    try:
        return describe(pair.source, pair.target)
    except FileNotFoundError as error:
        raise MediaError("source-missing", f"{str(pair.source)!r} does not exist") from error
    except OSError as error:
        raise MediaError(
            "unreadable-source", f"{str(pair.source)!r} cannot be read: {error.strerror}"
        ) from error


def _reason_to_skip(source: Source, job: Job) -> str:
    if not job.remember:
        return "it exists" if source.target.exists() else ""
    made = is_done(source, identity(job, source))
    return "this job has made it before it was interrupted" if made else ""
