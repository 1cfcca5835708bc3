"""``vsrrg-train export``."""

from pathlib import Path

import click


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="general", show_default=True, help="Name of the model.")
@click.option("--version", default="1", show_default=True, help="Version of the weights.")
@click.option(
    "--description", default="Removes rain streaks of all kinds", show_default=True, help="One line."
)
@click.option("--report", type=click.Path(exists=True, path_type=Path), help="JSON report for the card.")
@click.option("--history", default="", help="What the run started from, for the card.")
@click.option(
    "--failures",
    type=click.Path(exists=True, path_type=Path),
    help="Known failures, Markdown, for the card.",
)
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
    default=0.5,
    show_default=True,
    help="Share of the blended run.",
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
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Folder; vsrrg's own weights by default."
)
def export(
    source: Path,
    name: str,
    version: str,
    description: str,
    report: Path | None,
    history: str,
    failures: Path | None,
    gate: tuple[float, float] | None,
    blend: Path | None,
    share: float,
    picture: Path | None,
    picture_gate: tuple[float, float] | None,
    folder: Path | None,
) -> None:
    """Write the averaged weights of a run (SOURCE) as a weight file with its card."""
    from vsrrg.models.registry import WEIGHTS
    from vsrrg_training.export import export as write

    done = write(
        source,
        folder or WEIGHTS,
        name=name,
        version=version,
        description=description,
        report=report,
        history=history,
        failures=failures.read_text() if failures else "",
        gate=gate,
        blend=blend,
        share=share,
        picture=picture,
        picture_gate=picture_gate,
    )
    click.echo(f"{done.weights} ({done.sha256[:12]}), {done.card}")
