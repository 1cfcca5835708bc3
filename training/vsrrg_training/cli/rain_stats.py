"""``vsrrg-train rain-stats``."""

from pathlib import Path

import click

from vsrrg_training.config import RecipeError


@click.command("rain-stats")
@click.option("--videos", type=click.Path(path_type=Path), required=True, help="Folder of clean videos.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=12, show_default=True, help="Clips of each type."
)
@click.option(
    "--frames", type=click.IntRange(min=5), default=6, show_default=True, help="Frames of each clip."
)
@click.option("--types", help="Rain types, separated by commas; all by default.")
@click.option(
    "--against",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Rainy clip of a nearly still scene without a clean partner; repeatable.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), multiple=True, help="Report file, .json or .md; repeatable."
)
def rain_stats(
    videos: Path, seeds: int, frames: int, types: str | None, against: tuple[Path, ...], out: tuple[Path, ...]
) -> None:
    """Measure what the generator's rain adds to clips, beside published rain and filmed clips."""
    from vsrrg_training.gap import statistics as rain
    from vsrrg_training.rain import RAIN_TYPES

    wrong = [path for path in out if path.suffix not in (".json", ".md")]
    if wrong:
        raise RecipeError(f"reports are .json or .md files, and {wrong[0]} is neither")
    chosen = types.split(",") if types else RAIN_TYPES
    unknown = [name for name in chosen if name not in RAIN_TYPES]
    if unknown:
        raise RecipeError(f"unknown rain type {unknown[0]!r}: choose from {', '.join(RAIN_TYPES)}")
    exact = rain.generated(videos, seeds=seeds, frames=frames, types=chosen)
    guessed = {path.stem: [rain.filmed(path, 60)] for path in against}
    if against:
        held = rain.generated(videos, seeds=seeds, frames=frames + 4, held=True, types=chosen)
        guessed |= {f"{name}, held": clips for name, clips in held.items()}
    text = rain.report(exact, guessed)
    for path in out:
        rain.save_json(exact | guessed, path) if path.suffix == ".json" else path.write_text(text)
    click.echo(text)
