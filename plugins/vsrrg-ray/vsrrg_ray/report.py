"""A job's times as JSON: what took how long, for measuring and for finding what is slow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vsrrg.files import write_whole
from vsrrg.pieces.tasks import Derain, Derained, Done, Failed, Looked, Lost, Uncut
from vsrrg_ray.driver import Event, Summary


def write_report(path: Path, summary: Summary) -> None:
    """Writes what came of a job; raises OSError if the file cannot be written."""
    held = {
        "frames": summary.frames,
        "seconds": round(summary.seconds, 3),
        "seconds_to_first_worker": round(summary.started, 3),
        "fps": round(summary.frames / (summary.seconds - summary.started), 3),
        "workers": summary.workers,
        "files": {
            "done": [str(source.path) for source in summary.done],
            "failed": {str(source.path): failed.reason for source, failed in summary.failed.items()},
            "whole": {str(source.path): reason for source, reason in summary.whole.items()},
        },
        "tasks": [_event(event) for event in summary.events],
    }
    write_whole(path, (json.dumps(held, indent=1) + "\n").encode())


def _event(event: Event) -> dict[str, Any]:
    held: dict[str, Any] = {
        "at": round(event.at, 3),
        "worker": event.worker,
        "task": type(event.task).__name__.lower(),
        "file": str(event.task.source.path),
    }
    if isinstance(event.task, Derain):
        held["piece"] = event.task.number
    match event.outcome:
        case Derained(frames=frames, seconds=seconds, waited=waited, effort=effort):
            held |= {"frames": frames, "seconds": round(seconds, 3), "waited": round(waited, 3)}
            held |= {"effort": effort} if effort else {}
        case Looked(frames=frames, seconds=seconds) | Done(frames=frames, seconds=seconds):
            held |= {"frames": frames, "seconds": round(seconds, 3)}
        case Uncut(reason=reason) | Failed(reason=reason) | Lost(reason=reason):
            held["went_wrong"] = reason
    return held
