"""Options that every training command takes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vsrrg_training.config import RecipeError, RunSettings, load_recipe

Command = Callable[..., Any]


class _Footage(click.Path):
    """A folder, a data set by name, or a single file: `vsrrg_training.datasets.find` tells."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)
        self.name = "footage"


FOOTAGE = _Footage()
FOLDER = click.Path(file_okay=False, path_type=Path)
"""A folder to write into, there or not."""
TEXT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

threads_option = click.option("--threads", type=click.IntRange(1, 1024), help="torch threads.")


def types_option(command: Command) -> Command:
    """Rain types as a tuple of names that exist; None: all."""

    def read(context: click.Context, _: click.Parameter, given: str | None) -> tuple[str, ...] | None:
        if given is None:
            return None
        from vsrrg_training.rain.registry import find_type

        names = tuple(name.strip() for name in given.split(","))
        for name in names:
            find_type(name)
        return names

    return click.option("--types", callback=read, help="Rain types, separated by commas; all by default.")(
        command
    )


def reports_option(*suffixes: str) -> Callable[[Command], Command]:
    """Files to report to, known to be writable before any work is done."""

    def read(context: click.Context, _: click.Parameter, given: tuple[Path, ...]) -> tuple[Path, ...]:
        for path in given:
            if path.suffix not in suffixes:
                raise RecipeError(
                    "wrong-suffix", f"a report is a {' or '.join(suffixes)} file, and {path} is none of them"
                )
            _check_writable(path)
        return given

    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        multiple=True,
        callback=read,
        help=f"Report file, {', '.join(suffixes)}; repeatable.",
    )


def read_text(path: Path) -> str:
    """A text file. Raises RecipeError for what is none."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError("training-file", f"{path} cannot be read as text: {error}") from error


def _check_writable(path: Path) -> None:
    if path.is_dir():
        raise RecipeError("target-is-folder", f"{path} is a folder: give the name of a file in it")
    place = next(parent for parent in path.absolute().parents if parent.exists())
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        raise RecipeError(
            "target-unwritable", f"{path} cannot be written: {place} is no folder, or not writable"
        )


def run_options(command: Command) -> Command:
    """Recipe, run folder, length and overrides."""
    for option in reversed(
        (
            click.option("--config", type=click.Path(path_type=Path), required=True, help="Recipe (TOML)."),
            click.option("--to", "folder", type=FOLDER, required=True, help="Folder of the run."),
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
