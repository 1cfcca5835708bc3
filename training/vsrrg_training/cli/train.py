"""``vsrrg-train train``."""

from pathlib import Path

import click

from vsrrg.cli.say import say
from vsrrg_training.cli.options import read_recipe, run_options
from vsrrg_training.config import Recipe, RecipeError


@click.command()
@run_options
@click.option(
    "--init", type=click.Path(exists=True, path_type=Path), help="Start from a weight file or run folder."
)
def train(
    config: Path,
    folder: Path,
    resume: bool,
    init: Path | None,
    steps: int | None,
    minutes: float | None,
    overrides: tuple[str, ...],
) -> None:
    """Train a model, or go on with a run; torchrun runs it on several devices or machines."""
    from vsrrg_training.train import train as run
    from vsrrg_training.weights import read_state

    if resume and init:
        raise RecipeError(
            "training-options",
            "--resume goes on with a run and --init starts one from other weights: give one",
        )
    recipe = read_recipe(config, Recipe, overrides, steps, minutes)
    run(recipe, folder, resume=resume, init=read_state(init).state if init else None, report=say)
