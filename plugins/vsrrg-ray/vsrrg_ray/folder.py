"""What lies in a file's folder while it is in work: the plan, the pieces, and who is at which.

    plan.json    how the file is cut, or `whole`, which says why it is not
    00003.mkv    a finished piece, and
    00003.json   what is known of it: it is finished when this is there
    00004.claim  the process that is making a piece

All of them but claims appear whole. So a job that was stopped at any moment can go on from here.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict
from pathlib import Path

from vsrrg.files import write_whole
from vsrrg_ray.piece import Made
from vsrrg_ray.plan import Plan, read_plan
from vsrrg_ray.tasks import Source


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
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_whole_reason(source: Source, reason: str) -> None:
    """Note that the file stays whole, and forget a plan."""
    write_whole(source.folder / "whole", reason.encode())
    (source.folder / "plan.json").unlink(missing_ok=True)


def find_whole_reason(source: Source) -> str | None:
    """Why the file stays whole, if that was noted."""
    try:
        return (source.folder / "whole").read_text()
    except OSError:
        return None


def mark_done(source: Source) -> None:
    """Note that the target is there, made by this job."""
    _mark(source).touch()


def is_done(source: Source) -> bool:
    """Whether this job has made the target, and it is still there."""
    return _mark(source).exists() and source.target.exists()


def _mark(source: Source) -> Path:
    return source.folder.with_name(f"{source.folder.name}.done")


def claim(source: Source, number: int) -> None:
    """Note that this process makes a piece, and that nothing made before counts."""
    _result(source, number).unlink(missing_ok=True)
    held = {"pid": os.getpid(), "host": socket.gethostname()}
    piece_path(source, number).with_suffix(".claim").write_text(json.dumps(held))


def keep(source: Source, number: int, made: Made) -> None:
    """Note that a piece is finished."""
    path = piece_path(source, number)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    write_whole(_result(source, number), json.dumps(asdict(made)).encode())
    path.with_suffix(".claim").unlink(missing_ok=True)


def find_made(source: Source, number: int) -> Made | None:
    """What is known of a finished piece; None while it is not finished."""
    try:
        held = json.loads(_result(source, number).read_text())
        made = Made(**{**held, "order": tuple(held["order"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return made if piece_path(source, number).is_file() else None


def _result(source: Source, number: int) -> Path:
    return piece_path(source, number).with_suffix(".json")
