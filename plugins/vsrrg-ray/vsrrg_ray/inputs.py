"""The files of a job: which of them an earlier run has left to do."""

from __future__ import annotations

from collections.abc import Sequence

from vsrrg.batch.inputs import Pair, make_folder_of
from vsrrg.ffmpeg.transcode import check_target
from vsrrg.pieces.folder import is_done
from vsrrg.pieces.identity import describe, identity
from vsrrg.pieces.tasks import Job, Source


def left_to_do(pairs: Sequence[Pair], job: Job) -> tuple[list[Source], dict[str, str]]:
    """The files without a finished target, and why others cannot be derained, by name.

    A job that remembers its targets makes those anew that it has not made itself.

    Raises:
        MediaError: a target cannot be written.
    """
    sources: list[Source] = []
    missing: dict[str, str] = {}
    for pair in pairs:
        try:
            source = describe(pair.source, pair.target)
        except OSError as error:
            missing[str(pair.source)] = f"{str(pair.source)!r} cannot be read: {error.strerror}"
            continue
        make_folder_of(pair.target)
        check_target(pair.source, pair.target, overwrite=True)
        done = is_done(source, identity(job, source)) if job.remember else pair.target.exists()
        if not done:
            sources.append(source)
    return sources, missing
