"""The files of a job: what each becomes, and in which folder its pieces are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vsrrg import __version__
from vsrrg.engine import Options
from vsrrg.errors import OptionError
from vsrrg.ffmpeg.transcode import EncodeOptions
from vsrrg.hooks.resolve import find_model
from vsrrg_ray.tasks import Source

PREFIX = ".vsrrg-farm-"
"""Of the name of a job's folder."""


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


def describe(path: Path, target: Path, job_folder: Path) -> Source:
    """The file as a part of a job; raises OSError if it cannot be seen."""
    status = path.stat()
    # As the user names it: where links lead may differ from machine to machine.
    place = path.absolute()
    digest = _digest([str(place), str(target.name), status.st_size, status.st_mtime_ns])
    folder = job_folder / f"{target.stem[:40]}-{digest[:12]}"
    return Source(place, target.absolute(), folder, status.st_size, status.st_mtime_ns)


def job_key(options: Options, encode: EncodeOptions, model: str) -> str:
    """What names a job's folder: equal where finished pieces can be taken over."""
    engine = {name: value for name, value in asdict(options).items() if name != "max_memory"}
    encoding = {name: value for name, value in asdict(encode).items() if name != "threads"}
    return _digest([__version__, engine, encoding, model])[:16]


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
