"""The files of a job: what each becomes, and which of them an earlier run has left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vsrrg.errors import OptionError
from vsrrg.ffmpeg.transcode import check_target
from vsrrg.pieces.folder import discard, is_done
from vsrrg.pieces.identity import describe, identity
from vsrrg.pieces.tasks import Job, Source


def name_targets(inputs: Sequence[Path], out: Path, suffix: str | None) -> dict[Path, Path]:
    """The target in `out` of each input: its name, with another suffix if one is given.

    Raises:
        OptionError: two inputs would have one target.
    """
    if suffix is not None:
        suffix = f".{suffix.removeprefix('.')}"
    targets: dict[Path, Path] = {}
    taken: dict[Path, Path] = {}
    for path in inputs:
        target = out / (path.name if suffix is None else path.stem + suffix)
        if target in taken:
            raise OptionError(
                "same-target",
                f"{str(taken[target])!r} and {str(path)!r} would both become {str(target)!r}; "
                "rename one of them, or give them folders of their own",
            )
        taken[target] = path
        targets[path] = target
    return targets


def left_to_do(targets: Mapping[Path, Path], job: Job) -> tuple[list[Source], dict[str, str]]:
    """The files without a finished target, and why others cannot be derained, by name.

    A job that remembers its targets makes those anew that it has not made itself.

    Raises:
        MediaError: a target cannot be written.
    """
    sources: list[Source] = []
    missing: dict[str, str] = {}
    for path, target in targets.items():
        check_target(path, target, overwrite=True)
        try:
            source = describe(path, target)
        except OSError as error:
            missing[str(path)] = f"{str(path)!r} cannot be read: {error.strerror}"
            continue
        done = is_done(source, identity(job, source)) if job.remember else target.exists()
        if not done:
            sources.append(source)
    return sources, missing


def forget(targets: Mapping[Path, Path]) -> None:
    """Removes the notes of a finished job."""
    for path, target in targets.items():
        if target.exists():
            discard(describe(path, target))
