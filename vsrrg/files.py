"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

UNFINISHED = ".vsrrg-"
"""How the names of files that are not whole yet begin."""


@contextlib.contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """The name of a file beside the target, of its suffix, that takes the target's place in the end; after a
    failure nothing of it is left, and the target is as it was.

    Raises:
        OSError: the target cannot be replaced.
    """
    unfinished = target.with_name(f"{UNFINISHED}{secrets.token_hex(4)}{target.suffix}")
    try:
        yield unfinished
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes) -> None:
    """Writes a file that is on the disk before it takes the target's place.

    Raises:
        OSError: the file cannot be written.
    """
    with appearing(target) as unfinished, unfinished.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
