"""``vsrrg-train export``."""

from pathlib import Path

import click

from vsrrg.cli.say import say
from vsrrg_training.cli.options import FOLDER, TEXT_FILE, read_text
from vsrrg_training.config import RecipeError


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="general", show_default=True, help="Name of the model.")
@click.option("--version", default="1", show_default=True, help="Version of the weights.")
@click.option(
    "--description", default="Removes rain streaks of all kinds", show_default=True, help="One line."
)
@click.option("--report", type=TEXT_FILE, help="JSON report for the card.")
@click.option("--history", default="", help="What the run started from, for the card.")
@click.option("--data", type=TEXT_FILE, help="What it was trained on, a line of text, for the card.")
@click.option("--limits", type=TEXT_FILE, help="What it is not made for, a line of text, for the card.")
@click.option("--failures", type=TEXT_FILE, help="Known failures, Markdown, for the card.")
@click.option(
    "--gate",
    type=(click.FloatRange(0, 1), click.FloatRange(0, 1)),
    metavar="DRY WET",
    help="Probabilities of rain up to which a frame is left as it is, and from which its layer is whole.",
)
@click.option(
    "--blend", type=click.Path(exists=True, path_type=Path), help="Run that this one started from, to mix in."
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    help="Share of the blended run; 0.5 by default.",
)
@click.option(
    "--picture",
    type=click.Path(exists=True, path_type=Path),
    help="Run that trained the part for single pictures (training/configs/picture.toml).",
)
@click.option(
    "--picture-gate",
    type=(click.FloatRange(0, 1), click.FloatRange(0, 1)),
    metavar="DRY WET",
    help="The gate of that part.",
)
@click.option("--to", "folder", type=FOLDER, required=True, help="Folder for weight file and card.")
def export(
    source: Path,
    name: str,
    version: str,
    description: str,
    report: Path | None,
    history: str,
    data: Path | None,
    limits: Path | None,
    failures: Path | None,
    gate: tuple[float, float] | None,
    blend: Path | None,
    share: float | None,
    picture: Path | None,
    picture_gate: tuple[float, float] | None,
    folder: Path,
) -> None:
    """Write the averaged weights of a run (SOURCE) as a weight file with its card."""
    from vsrrg_training.export import export as write

    if share is not None and blend is None:
        raise RecipeError(
            "training-options", "--share is that of the run in --blend: give both, or leave --share out"
        )
    done = write(
        source,
        folder,
        name=name,
        version=version,
        description=description,
        report=report,
        history=history,
        data=read_text(data).strip() if data else "",
        limits=read_text(limits).strip() if limits else "",
        failures=read_text(failures) if failures else "",
        gate=gate,
        blend=blend,
        share=0.5 if share is None else share,
        picture=picture,
        picture_gate=picture_gate,
    )
    say(f"{done.weights} ({done.sha256[:12]}), {done.card}")
