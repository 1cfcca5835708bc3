"""``vsrrg-train sequence``."""

from pathlib import Path

import click

from vsrrg.cli.say import say
from vsrrg_training.cli.options import read_recipe, run_options
from vsrrg_training.continual.config import SequenceRecipe


@click.command()
@run_options
@click.option("--table", is_flag=True, help="Every method with every seed of [table], compared in a table.")
def sequence(
    config: Path,
    folder: Path,
    resume: bool,
    steps: int | None,
    minutes: float | None,
    overrides: tuple[str, ...],
    table: bool,
) -> None:
    """Teach one model a sequence of rain types without forgetting; the recipe's `method` says how."""
    from vsrrg_training.continual.sequence import run_sequence
    from vsrrg_training.continual.table import run_table

    recipe = read_recipe(config, SequenceRecipe, overrides, steps, minutes)
    if table:
        say(*run_table(recipe, folder, resume=resume, report=_note).splitlines())
    else:
        run_sequence(recipe, folder, resume=resume, report=say)


def _note(line: str) -> None:
    say(line, err=True)
