"""``vsrrg-train ttl``."""

from pathlib import Path

import click

from vsrrg.cli.say import say
from vsrrg_training.cli.options import FOLDER
from vsrrg_training.config import RecipeError


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True, help="Recipe (TOML).")
@click.option("--to", "folder", type=FOLDER, required=True, help="Folder of the runs.")
@click.option("--resume", is_flag=True, help="Go on with unfinished runs, and leave finished ones alone.")
@click.option(
    "--until",
    type=click.Choice(["recognise", "restore", "encoder", "finetune"]),
    default="finetune",
    show_default=True,
    help="The last stage wanted.",
)
@click.option("--table", is_flag=True, help="Make the table: with and without transfer, by number of pairs.")
@click.option("--check-measures", is_flag=True, help="Check the no-reference measures where truth is known.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override an entry, as recognise.steps=500.",
)
def ttl(
    config: Path,
    folder: Path,
    resume: bool,
    until: str,
    table: bool,
    check_measures: bool,
    overrides: tuple[str, ...],
) -> None:
    """Learn from real rain without truth: teachers, one distilled encoder, few synthetic pairs."""
    from vsrrg_training.config import load_recipe
    from vsrrg_training.transfer.config import TransferRecipe
    from vsrrg_training.transfer.stages import Stopped, Workshop, transfer

    if table and check_measures:
        raise RecipeError("training-options", "--table and --check-measures are two things to do: give one")
    recipe = load_recipe(config, overrides, TransferRecipe)
    try:
        if check_measures:
            from vsrrg_training.transfer.checks import check

            say(*check(recipe, folder, report=_note).splitlines())
        elif table:
            from vsrrg_training.transfer.table import make_table

            say(*make_table(recipe, folder, resume=resume, report=_note).splitlines())
        else:
            transfer(Workshop(recipe, resume=resume, report=say), folder, until=until)
            say(f"{folder}: finished up to {until}")
    except Stopped:
        say("stopped; go on with --resume", err=True)


def _note(line: str) -> None:
    say(line, err=True)
