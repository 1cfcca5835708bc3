"""``vsrrg-train gate``."""

from pathlib import Path

import click

from vsrrg.cli.say import say
from vsrrg_training.cli.options import FOOTAGE, threads_option


@click.command()
@click.argument("weights", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--videos",
    type=FOOTAGE,
    help="Clean clips that were trained on, for the gate of video.",
)
@click.option(
    "--stills",
    type=FOOTAGE,
    help="Clean photographs that were trained on, for the gate of single pictures.",
)
@threads_option
def gate(weights: Path, videos: Path | None, stills: Path | None, threads: int | None) -> None:
    """Find the gate of WEIGHTS (a run folder or weight file), for `export --gate` and `--picture-gate`."""
    import torch

    from vsrrg_training.config import RecipeError
    from vsrrg_training.gate import table, watch
    from vsrrg_training.weights import load_network

    if (videos is None) == (stills is None):
        raise RecipeError(
            "training-options",
            "give --videos FOLDER for the gate of video, or --stills FOLDER for that of pictures",
        )
    if threads:
        torch.set_num_threads(threads)
    footage = videos or stills
    assert footage
    seen = watch(load_network(weights), footage, pictures=stills is not None)
    say(*table(seen).splitlines())
