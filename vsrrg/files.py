"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from vsrrg.guard import guarded_folder

UNFINISHED = ".vsrrg-"
"""How the names of folders begin that hold what is not whole yet."""


@contextlib.contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """The name of a file of the target's suffix that takes the target's place in the end, when it is on the
    disk. Until then it lies beside the target in a folder that only this user may enter, so it may be made
    with the permissions that it is to have. After a failure, or if the process is killed, nothing of it is
    left, and the target is as it was.

    Raises:
        OSError: the target cannot be replaced.
    """
    with guarded_folder(target.with_name(f"{UNFINISHED}{secrets.token_hex(4)}")) as folder:
        unfinished = folder / f"whole{target.suffix}"
        yield unfinished
        _store(unfinished)
        os.replace(unfinished, target)
        _store(target.parent)


def write_whole(target: Path, content: bytes | str, *, parents: bool = False) -> None:
    """Writes a file, text as UTF-8, that takes the target's place when it is whole.

    With `parents` the folders that it needs are made.

    Raises:
        OSError: the file cannot be written.
    """
    if parents:
        target.parent.mkdir(parents=True, exist_ok=True)
    with appearing(target) as unfinished, unfinished.open("xb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def _store(path: Path) -> None:
    """Has a file, or the names in a folder, written to the disk, so that they outlast a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        # Not every file system can do that for folders.
        with contextlib.suppress(OSError) if path.is_dir() else contextlib.nullcontext():
            os.fsync(number)
    finally:
        os.close(number)
