"""Options that every training command takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vsrrg_training.config import RunSettings, load_recipe

Command = Callable[..., Any]


class _Footage(click.Path):
    """A folder, a data set by name, or a single file: `vsrrg_training.datasets.find` tells."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)
        self.name = "footage"


FOOTAGE = _Footage()


def run_options(command: Command) -> Command:
    """Recipe, run folder, length and overrides."""
    for option in reversed(
        (
            click.option("--config", type=click.Path(path_type=Path), required=True, help="Recipe (TOML)."),
            click.option(
                "--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder of the run."
            ),
            click.option("--resume", is_flag=True, help="Go on from the folder's checkpoint."),
            click.option("--steps", type=int, help="Length of the schedule in steps."),
            click.option(
                "--minutes",
                type=float,
                help="Length of the schedule in minutes; the first end counts.",
            ),
            click.option(
                "--set",
                "overrides",
                multiple=True,
                metavar="KEY=VALUE",
                help="Override an entry, as data.crop=160.",
            ),
        )
    ):
        command = option(command)
    return command


def read_recipe[T: RunSettings](
    config: Path, kind: type[T], overrides: tuple[str, ...], steps: int | None, minutes: float | None
) -> T:
    """The recipe with what the command line changes; raises RecipeError."""
    lengths = [
        f"{key}={value}" for key, value in (("steps", steps), ("minutes", minutes)) if value is not None
    ]
    return load_recipe(config, [*overrides, *lengths], kind)
