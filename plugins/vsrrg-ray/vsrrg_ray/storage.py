"""Whether a machine works on the same storage as the others: a mark among the outputs, which all must see."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vsrrg.files import UNFINISHED
from vsrrg.guard import guarded_folder
from vsrrg.pieces.tasks import Source

_SHARE = "files must lie under the same path on all machines, on storage that they share"


@dataclass(frozen=True)
class Sample:
    """What a machine must see to be of use."""

    source: Source
    """One of the job's files."""
    mark: Path | None = None
    """A folder among the outputs."""


@contextlib.contextmanager
def marked(out: Path) -> Iterator[Path]:
    """A folder among the outputs that has not been there before, for as long as the block runs.

    Other machines may well have a folder of outputs under the same path, but not this one in it.
    """
    folder = Path(os.path.abspath(out), f"{UNFINISHED}{secrets.token_hex(8)}")
    with guarded_folder(folder):
        yield folder


def unseen(sample: Sample) -> str:
    """Why this machine cannot read the file or write where the outputs go, in a sentence; "" if it can."""
    host, source, mark = socket.gethostname(), sample.source, sample.mark
    for path in (source.target.parent, source.path):
        if not path.exists():
            return f"{host} does not see {str(path)!r}; {_SHARE}"
    if not os.access(source.path, os.R_OK):
        return f"{host} cannot read {str(source.path)!r}; give the user of its Ray the right to"
    if mark is None:
        return ""
    if not mark.exists():
        return f"{host} has another {str(mark.parent)!r}; {_SHARE}"
    try:
        (mark / f"{host}-{os.getpid()}").touch()
    except OSError as error:
        return f"{host} cannot write into {str(mark.parent)!r}: {error.strerror}"
    return ""
