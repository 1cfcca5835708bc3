"""Recipes of the training, as TOML, and settings in place of theirs."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path

from vsrrg_training import config

CONFIGS = Path(__file__).parents[3] / "training" / "configs"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="vsrrg-")


def target(data: bytes) -> None:
    """The first line is a setting, the rest the recipe."""
    setting, _, text = data.partition(b"\n")
    path = Path(_folder().name, "fuzzed.toml")
    path.write_bytes(text)
    with contextlib.suppress(config.RecipeError):
        config.load_recipe(path, [setting.decode("latin-1")] if setting else [], config.Recipe)


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """Those of the package."""
    texts = [(CONFIGS / f"{name}.toml").read_bytes() for name in ("fast", "general")]
    return [b"\n" + texts[0], b"run.seed=3\n" + texts[1], b"a.b.c=1\n", b"\n" + b"a=" + b"[" * 2000]
