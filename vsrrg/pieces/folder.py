"""What lies in a file's folder while it is in work: the plan, the pieces, and who is at which.

    job.json     what the pieces are made of, and how
    plan.json    how the file is cut, or `whole`, which says why it is not
    00003.mkv    a finished piece, and
    00003.json   what is known of it: it is finished when this is there
    00004.claim  the process that is making a piece
    lock         held by the process that is at the file, where there is one only
    done         the target is there, made by this job

All of them but claims appear whole. So a job that was stopped at any moment can go on from here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vsrrg.files import UNFINISHED, write_whole
from vsrrg.pieces.identity import difference
from vsrrg.pieces.piece import Made
from vsrrg.pieces.plan import Plan, read_plan
from vsrrg.pieces.tasks import Source

LOCK = "lock"


def begin(source: Source, identity: Mapping[str, Any]) -> str:
    """Make the folder for a job, and empty it of what belongs to another one.

    Returns in what that one differs, in words; "" where there was none, or this one goes on.
    """
    source.folder.mkdir(mode=0o700, exist_ok=True)
    differs = ""
    if any(path.name != LOCK for path in source.folder.iterdir()):
        differs = difference(_identity(source), identity)
        if not differs:
            for left in source.folder.glob(f"{UNFINISHED}*"):
                _remove(left)
            return ""
        _empty(source)
    write_whole(source.folder / "job.json", json.dumps(identity, indent=1).encode())
    return differs


def belongs_to(source: Source, identity: Mapping[str, Any]) -> bool:
    """Whether the folder is there, and of this job."""
    held = _identity(source)
    return bool(held) and not difference(held, identity)


def differs_from(source: Source, identity: Mapping[str, Any]) -> str:
    """In what the job that the folder is of differs, in words; "" where it does not."""
    return difference(_identity(source), identity)


def _identity(source: Source) -> dict[str, Any]:
    try:
        held = json.loads((source.folder / "job.json").read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _empty(source: Source, *but: str) -> None:
    for path in source.folder.iterdir():
        if path.name not in (LOCK, *but):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def piece_path(source: Source, number: int) -> Path:
    """The file of a piece."""
    return source.folder / f"{number:05}{source.target.suffix}"


def write_plan(source: Source, plan: Plan) -> None:
    """Keep the plan."""
    write_whole(source.folder / "plan.json", plan.to_json().encode())


def find_plan(source: Source) -> Plan | None:
    """The plan that was kept, if there is one that can be read."""
    try:
        return read_plan((source.folder / "plan.json").read_text())
    except (OSError, ValueError):
        return None


def write_whole_reason(source: Source, reason: str) -> None:
    """Note that the file stays whole, and forget a plan."""
    write_whole(source.folder / "whole", reason.encode())
    (source.folder / "plan.json").unlink(missing_ok=True)


def find_whole_reason(source: Source) -> str | None:
    """Why the file stays whole, if that was noted."""
    try:
        return (source.folder / "whole").read_text(errors="replace")
    except OSError:
        return None


def finish(source: Source, whole: Path, *, remember: bool) -> None:
    """Put the finished file in the target's place, and remove what it was made of.

    With `remember` a note stays, by which `is_done` knows the target.
    """
    _sync(whole)
    os.replace(whole, source.target)
    _sync(source.target.parent)
    if not remember:
        discard(source)
        return
    write_whole(source.folder / "done", b"")
    _empty(source, "done", "job.json")


def is_done(source: Source, identity: Mapping[str, Any]) -> bool:
    """Whether this job has made the target, and it is still there."""
    return is_noted(source) and source.target.exists() and belongs_to(source, identity)


def has_pieces(source: Source) -> bool:
    """Whether anything is there that would have to be made again."""
    return any(source.folder.glob("[0-9]*.json"))


def count_frames(source: Source) -> int:
    """Frames of the finished pieces."""
    numbers = [path.stem for path in source.folder.glob("[0-9]*.json") if path.stem.isdecimal()]
    return sum(made.frames for number in numbers if (made := find_made(source, int(number))))


def is_in_work(source: Source) -> bool:
    """Whether a process is at the file, or was and could not tidy up."""
    return (source.folder / LOCK).exists()


def is_noted(source: Source) -> bool:
    """Whether some job has left a note about the target."""
    return (source.folder / "done").exists()


def discard(source: Source) -> None:
    """Remove the folder."""
    shutil.rmtree(source.folder, ignore_errors=True)


def claim(source: Source, number: int) -> None:
    """Note that this process makes a piece, and that nothing made before counts."""
    _result(source, number).unlink(missing_ok=True)
    held = {"pid": os.getpid(), "host": socket.gethostname()}
    piece_path(source, number).with_suffix(".claim").write_text(json.dumps(held))


def keep(source: Source, number: int, made: Made) -> None:
    """Note that a piece is finished."""
    path = piece_path(source, number)
    _sync(path)
    _sync(source.folder)
    held = {**asdict(made), "size": path.stat().st_size}
    write_whole(_result(source, number), json.dumps(held).encode())
    path.with_suffix(".claim").unlink(missing_ok=True)


def find_made(source: Source, number: int) -> Made | None:
    """What is known of a finished piece; None while it is not finished."""
    try:
        held = json.loads(_result(source, number).read_text())
        held.pop("size")
        made = Made(**{**held, "order": tuple(map(int, held["order"]))})
        numbers = (made.frames, made.effort, made.seconds, made.waited)
        if not all(isinstance(one, int | float) for one in numbers):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None
    return made if piece_path(source, number).is_file() else None


def is_intact(source: Source, number: int) -> bool:
    """Whether the file of a finished piece has all its bytes still."""
    try:
        size = json.loads(_result(source, number).read_text())["size"]
        return bool(piece_path(source, number).stat().st_size == size)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _result(source: Source, number: int) -> Path:
    return piece_path(source, number).with_suffix(".json")


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # Some storages cannot do this for folders.
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
