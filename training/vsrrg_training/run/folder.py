"""A run's folder: recipe, origin, curves and sample pictures, beside the checkpoint."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import tomli_w
import torch

from vsrrg.files import write_whole
from vsrrg_training.run.objective import Picture

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

RECIPE, ORIGIN, CURVES, SAMPLES = "recipe.toml", "origin.json", "curves", "samples"


class RunFolder:
    """The files that tell what a run was; every write is whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._curves: SummaryWriter | None = None

    def describe(self, recipe: Mapping[str, Any], seed: int, sources: Iterable[Path], step: int) -> None:
        """Write the recipe and the origin: command, seed, commit, versions, hardware, hashes of the data.

        A run that goes on adds its new start to the list of starts.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        write_whole(self.path / RECIPE, tomli_w.dumps(_without_none(recipe)))
        origin = self.path / ORIGIN
        starts = json.loads(origin.read_text())["starts"] if origin.exists() else []
        starts.append(
            {
                "step": step,
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
                "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
                "commit": commit(),
                "processes": int(os.environ.get("WORLD_SIZE", "1")),
                "versions": {name: version(name) for name in ("vsrrg", "vsrrg-training", "torch", "numpy")}
                | {"python": platform.python_version()},
                "hardware": hardware(),
            }
        )
        data = {f"{path.parent.name}/{path.name}": _digest(path) for path in sources}
        write_whole(origin, json.dumps({"seed": seed, "data": data, "starts": starts}, indent=1) + "\n")

    def curve(self, step: int, values: Mapping[str, float]) -> None:
        """Add a point to every curve (TensorBoard); points after a resumed step are forgotten."""
        if self._curves is None:
            from torch.utils.tensorboard import SummaryWriter

            self._curves = SummaryWriter(str(self.path / CURVES), purge_step=step)
        for name, value in values.items():
            self._curves.add_scalar(name, value, step)
        self._curves.flush()

    def sample(self, step: int, picture: Picture) -> None:
        """Keep a sample picture."""
        folder = self.path / SAMPLES
        folder.mkdir(parents=True, exist_ok=True)
        _, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        write_whole(folder / f"step-{step:07d}.png", encoded.tobytes())

    def close(self) -> None:
        if self._curves is not None:
            self._curves.close()
            self._curves = None


def commit() -> str:
    """The commit of the code that runs, with "+" where files differ from it; empty outside a checkout."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        state = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if state.stdout.strip() else "")


def hardware() -> str:
    """What the run computes on, in words."""
    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    return f"{os.cpu_count()} CPU cores ({platform.machine()})"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value
