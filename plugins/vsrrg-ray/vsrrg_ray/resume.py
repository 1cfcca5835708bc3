"""What an earlier run of the same job has left to do, and what a finished one leaves behind: nothing."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.transcode import check_target
from vsrrg_ray.folder import is_done
from vsrrg_ray.inputs import PREFIX, describe
from vsrrg_ray.tasks import Source

_LOCK = f"{PREFIX}lock"


@contextlib.contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Makes the folder of the outputs, and keeps other farms out of it for as long as the block runs.

    Raises:
        MediaError: it cannot be made or written, or another farm is at work in it.
    """
    shown = repr(str(out))
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / _LOCK).open("w")
    except OSError as error:
        raise MediaError(
            "target-unwritable", f"the folder {shown} cannot be written: {error.strerror}"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise MediaError(
                "ray-folder-taken",
                f"another vsrrg farm is at work in {shown}; wait for it, or name another folder",
            ) from error
        except OSError:
            pass  # A storage without locks: the user must take care.
        try:
            yield
        finally:
            (out / _LOCK).unlink(missing_ok=True)


def left_to_do(
    targets: Mapping[Path, Path], job_folder: Path, *, overwrite: bool
) -> tuple[list[Source], dict[str, str]]:
    """The files without a finished target, and why others cannot be derained, by name.

    With `overwrite` targets count as finished only where this job has made them.

    Raises:
        MediaError: a target cannot be written.
    """
    sources: list[Source] = []
    missing: dict[str, str] = {}
    for path, target in targets.items():
        check_target(path, target, overwrite=True)
        try:
            source = describe(path, target, job_folder)
        except OSError as error:
            missing[str(path)] = f"{str(path)!r} cannot be read: {error.strerror}"
            continue
        if not is_done(source) and (overwrite or not target.exists()):
            sources.append(source)
    return sources, missing


def clear(job_folder: Path) -> None:
    """Removes the folder of a finished job."""
    shutil.rmtree(job_folder, ignore_errors=True)


def other_jobs(out: Path, job_folder: Path) -> list[Path]:
    """Folders of jobs with other options that were stopped."""
    found = (path for path in out.glob(f"{PREFIX}*") if path.is_dir())
    return sorted(path for path in found if path.name != job_folder.name)
