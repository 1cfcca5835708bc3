"""What happens in a job of files, as it is told to people and to programs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened with one file."""

    input: Path
    output: Path


@dataclass(frozen=True, kw_only=True)
class Planned(Event):
    """What would be done, as a dry run tells it."""

    frames: int | None
    """Of the input, perhaps estimated; None where nobody knows."""
    width: int
    height: int
    pix_fmt: str
    """Of the input, in ffmpeg's words."""
    container: str
    """The output's suffix, without the dot."""
    encoder: str
    settings: dict[str, str]
    """ffmpeg's output options for the video."""
    dropped: tuple[str, ...]
    """What the container cannot hold, in words."""


@dataclass(frozen=True, kw_only=True)
class Start(Event):
    """A file is begun."""

    file: int
    """Its number, from 1."""
    files: int
    """Files in all."""


@dataclass(frozen=True, kw_only=True)
class Note(Event):
    """Something to know about a file that is in work."""

    text: str
    """A sentence without its subject, the output."""


@dataclass(frozen=True, kw_only=True)
class Advance(Event):
    """A file goes on."""

    frames: int
    """Frames that are done."""
    total: int | None
    """Frames in all, perhaps estimated."""
    fps: float
    """Frames a second since the file was begun."""


@dataclass(frozen=True, kw_only=True)
class Done(Event):
    """An output is there."""

    frames: int
    found: int
    """Frames of these that were there from an interrupted job."""
    seconds: float
    fps: float
    encoder: str
    dropped: tuple[str, ...]
    """What the container could not hold, in words."""


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """An input could not be derained; nothing of its output is there, and one that was there before is."""

    error: str
    """Why, in a sentence."""
    code: str
    """What `vsrrg explain` explains; "interrupted" where that is why."""
    interrupted: bool = False
    """Whether it was stopped from outside."""


@dataclass(frozen=True, kw_only=True)
class Skipped(Event):
    """An output was there already."""

    reason: str
    older: bool = False
    """Whether the input has changed since, to judge by the times of the files."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What came of all files."""

    files: int
    done: int
    failed: int
    skipped: int
    left_out: int
    """Files in folders that are no videos."""
    frames: int
    """Frames that were derained now."""
    seconds: float
    interrupted: bool = False
    failures: tuple[Failed, ...] = field(default=(), repr=False)


type Told = Event | Summary

NAMES: dict[type[Event] | type[Summary], str] = {
    Planned: "plan",
    Start: "start",
    Note: "note",
    Advance: "progress",
    Done: "done",
    Failed: "failed",
    Skipped: "skipped",
    Summary: "summary",
}
"""What `event` says in JSON."""


def to_json(told: Told) -> str:
    """An event as one line of JSON: an object with `event`, and its fields."""
    held = asdict(told)
    held.pop("failures", None)
    return json.dumps({"event": NAMES[type(told)], **{name: _plain(value) for name, value in held.items()}})


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    return str(value) if isinstance(value, Path) else value
