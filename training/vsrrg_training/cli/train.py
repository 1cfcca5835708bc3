"""``vsrrg-train train``."""

from pathlib import Path

import click

from vsrrg_training.config import load_recipe


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True, help="Recipe (TOML).")
@click.option(
    "--run", "folder", type=click.Path(path_type=Path), required=True, help="Folder for checkpoint and log."
)
@click.option("--resume", is_flag=True, help="Go on from the folder's checkpoint.")
@click.option(
    "--init", type=click.Path(exists=True, path_type=Path), help="Start from a weight file or checkpoint."
)
@click.option("--steps", type=int, help="Length of the schedule in steps.")
@click.option("--minutes", type=float, help="Length of the schedule in minutes; whichever ends first counts.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override an entry, as data.crop=160."
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
    """Train a model, or go on with a run."""
    from vsrrg_training.run.loop import train as run
    from vsrrg_training.weights import read_state

    lengths = [
        f"{key}={value}" for key, value in (("steps", steps), ("minutes", minutes)) if value is not None
    ]
    recipe = load_recipe(config, [*overrides, *lengths])
    run(recipe, folder, resume=resume, init=read_state(init).state if init else None, report=click.echo)
