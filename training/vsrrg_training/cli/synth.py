"""``vsrrg-train synth``."""

from pathlib import Path

import click

from vsrrg.cli.say import say
from vsrrg_training.cli.options import FOLDER, FOOTAGE, types_option


@click.command()
@click.argument("source", type=FOOTAGE)
@click.option("--to", "folder", type=FOLDER, required=True, help="Folder for clips and sheet.")
@click.option("--frames", type=click.IntRange(min=1), default=48, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@types_option
def synth(source: Path, folder: Path, frames: int, seed: int, types: tuple[str, ...] | None) -> None:
    """Let every type of rain fall on each clean clip or still of SOURCE, and draw a contact sheet.

    SOURCE is a video, a still, a folder of them, or a data set that `vsrrg-train datasets` lists.
    """
    from vsrrg_training.synth import synthesize

    for path in synthesize(source, folder, frames=frames, seed=seed, types=types):
        say(path)
