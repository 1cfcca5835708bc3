"""Checkpoints: everything a run needs to go on as if it had never stopped."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from torch import Tensor

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError

FILE_NAME = "checkpoint.pt"

_HOW = frozenset(
    {"steps", "minutes", "device", "threads", "workers", "prefetch", "log_every", "checkpoint_minutes"}
)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The state of a run after ``step`` steps."""

    step: int
    elapsed: float
    """Seconds of training so far."""
    model: dict[str, Tensor]
    """The network."""
    ema: dict[str, Tensor]
    """Its average."""
    beside: dict[str, Tensor]
    """Trained parameters beside the network."""
    optimizer: dict[str, Any]
    rng: Tensor
    model_config: dict[str, Any]
    """The model's whole configuration, defaults included; empty for networks that are not exported."""
    recipe: dict[str, Any]
    """The recipe as JSON values."""


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write atomically: a reader, or a crash, sees the old file or the new one."""
    buffer = io.BytesIO()
    torch.save({field.name: getattr(checkpoint, field.name) for field in fields(Checkpoint)}, buffer)
    write_whole(path, buffer.getvalue(), parents=True)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint on the CPU. Raises RecipeError where it is missing or damaged."""
    if path.is_dir():
        path = path / FILE_NAME
    try:
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except FileNotFoundError as error:
        raise RecipeError(
            "training-no-run", f"there is no checkpoint at {path}: give the folder of a run"
        ) from error
    except Exception as error:
        raise RecipeError(
            "training-no-run",
            f"{path} is damaged or not the checkpoint of a run: give the folder of a run, or an earlier one",
        ) from error


def check_same_recipe(stored: Mapping[str, Any], given: Mapping[str, Any], kind: type[BaseModel]) -> None:
    """Refuse to go on with a run of another recipe, however long or wherever each is to run.

    Entries that came after the run was started count with their defaults in `kind`, the recipe's model.
    Raises RecipeError naming the first entry that differs.
    """
    stored, given = _completed(stored, kind), _completed(given, kind)
    for key in sorted(set(stored) | set(given)):
        if key not in _HOW and stored.get(key) != given.get(key):
            where, old, new = _difference(key, stored.get(key), given.get(key))
            raise RecipeError(
                "training-other-run",
                f"the checkpoint belongs to another recipe ({where} was {old!r} and is {new!r}): resume with "
                "the recipe of its run, or start a new run from it with --init",
            )


def _completed(recipe: Mapping[str, Any], kind: type[BaseModel]) -> dict[str, Any]:
    result = dict(recipe)
    for name, entry in kind.model_fields.items():
        section = entry.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            result[name] = _completed(recipe.get(name, {}), section)
        elif name not in recipe and not entry.is_required():
            result[name] = to_jsonable_python(entry.get_default(call_default_factory=True))
    return result


def _difference(key: str, old: Any, new: Any) -> tuple[str, Any, Any]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        inner = next(name for name in sorted(set(old) | set(new)) if old.get(name) != new.get(name))
        return _difference(f"{key}.{inner}", old.get(inner), new.get(inner))
    return key, old, new
