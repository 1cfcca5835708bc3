"""Which job a folder of pieces belongs to: pieces are taken over only by a job that would make the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vsrrg.hooks.resolve import find_model
from vsrrg.pieces.tasks import Job, Source

PREFIX = ".vsrrg-"
"""Of the name of a folder with pieces."""
_INDIFFERENT = {"max_memory", "threads"}
"""Options that change no sample."""


def describe(path: Path, target: Path) -> Source:
    """The file as a part of a job; raises OSError if it cannot be seen."""
    status = path.stat()
    # As the user names them: where links lead may differ from machine to machine.
    place, target = path.absolute(), Path(os.path.abspath(target))
    folder = target.with_name(f"{PREFIX}{target.stem[:40]}-{_digest(target.name)[:8]}")
    return Source(place, target, folder, status.st_size, status.st_mtime_ns)


def identity(job: Job, source: Source) -> dict[str, Any]:
    """All that decides what the pieces of a file hold, as JSON holds it."""
    options = {**asdict(job.options), **asdict(job.encode)}
    held = {
        "version": job.version,
        "model": job.model,
        "options": {name: value for name, value in options.items() if name not in _INDIFFERENT},
        "input": [str(source.path), source.size, source.changed],
    }
    read: dict[str, Any] = json.loads(json.dumps(held, default=str))
    return read


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """In what two identities differ, in words; "" where they do not."""
    words = []
    if before.get("version") != now["version"]:
        words.append("another version of vsrrg")
    if before.get("input") != now["input"]:
        words.append("another input, or one that has changed")
    old, new = before.get("options") or {}, now["options"]
    changed = [name for name in new if old.get(name, ...) != new[name]]
    if changed:
        words.append(f"another {', another '.join(name.replace('_', ' ') for name in changed)}")
    if before.get("model") != now["model"] and "model" not in changed:
        words.append("a model with other weights")
    return ", ".join(words)


def model_hash(name: str) -> str:
    """A hash of what a model computes, as far as that can be told: its weights, or what its card says.

    Raises:
        ModelError: there is no such model.
    """
    model = find_model(name)
    card: Mapping[str, Any] = model.card
    return str(card.get("sha256") or _digest([model.name, model.radius, dict(card)]))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
