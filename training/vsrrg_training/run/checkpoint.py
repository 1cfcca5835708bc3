"""Checkpoints: everything a run needs to go on as if it had never stopped."""

import os
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vsrrg_training.config import Recipe, RecipeError, parse_recipe

FILE_NAME = "checkpoint.pt"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The state of a run after ``step`` steps."""

    step: int
    elapsed: float
    """Seconds of training so far."""
    model: dict[str, Tensor]
    ema: dict[str, Tensor]
    optimizer: dict[str, Any]
    rng: Tensor
    model_config: dict[str, Any]
    """The model's whole configuration, defaults included."""
    recipe: dict[str, Any]
    """The recipe as JSON values."""

    def parsed_recipe(self) -> Recipe:
        return parse_recipe(self.recipe)


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write atomically: a reader, or a crash, sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [field.name for field in fields(Checkpoint)]
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save({field: getattr(checkpoint, field) for field in names}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint on the CPU. Raises RecipeError where it is missing or damaged."""
    if path.is_dir():
        path = path / FILE_NAME
    try:
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except FileNotFoundError as error:
        raise RecipeError(f"there is no checkpoint at {path}") from error
    except Exception as error:
        raise RecipeError(
            f"checkpoint {path} cannot be read ({type(error).__name__}); use an earlier one"
        ) from error
