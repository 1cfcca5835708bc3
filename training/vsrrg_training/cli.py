"""``vsrrg-train``: the command line of training."""

from pathlib import Path
from typing import Any

import click

from vsrrg_training.config import RecipeError, load_recipe


class _Group(click.Group):
    def invoke(self, context: click.Context) -> Any:
        from vsrrg.errors import VsrrgError

        try:
            return super().invoke(context)
        except (RecipeError, VsrrgError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group)
def main() -> None:
    """Make rain, train vsrrg's models on it, measure them and export weight files."""


@main.command()
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
    from vsrrg_training.train import train as run
    from vsrrg_training.weights import read_state

    lengths = [
        f"{key}={value}" for key, value in (("steps", steps), ("minutes", minutes)) if value is not None
    ]
    recipe = load_recipe(config, [*overrides, *lengths])
    run(recipe, folder, resume=resume, init=read_state(init).state if init else None, report=_say)


def _say(line: str) -> None:
    click.echo(line)


@main.command()
@click.argument("weights", nargs=-1)
@click.option("--videos", type=click.Path(path_type=Path), required=True, help="Folder of clean videos.")
@click.option("--model", "models", multiple=True, help="A model that vsrrg knows by name, as `consensus`.")
@click.option(
    "--frames", type=click.IntRange(min=3), default=24, show_default=True, help="Frames of each clip."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the rain.")
@click.option("--types", help="Rain types, separated by commas; all by default.")
@click.option(
    "--camera", is_flag=True, help="Noise, sharpening and compression on the rainy clip and on the clean one."
)
@click.option("--quick", is_flag=True, help="9 frames of the middle 384x224 pixels, without SSIM.")
@click.option("--device", help="cpu or cuda; chosen by what there is.")
@click.option("--precision", help="fp32, bf16 or fp16; chosen by what the device does fast.")
@click.option("--threads", type=int, help="torch threads.")
@click.option(
    "--out", type=click.Path(path_type=Path), multiple=True, help="Report file, .json or .md; repeatable."
)
def evaluate(
    weights: tuple[str, ...],
    videos: Path,
    models: tuple[str, ...],
    frames: int,
    seed: int,
    types: str | None,
    camera: bool,
    quick: bool,
    device: str | None,
    precision: str | None,
    threads: int | None,
    out: tuple[Path, ...],
) -> None:
    """Measure WEIGHTS (run folders, checkpoints, weight files) and models beside the baselines."""
    import torch

    from vsrrg_training.contestants import baselines, model_contestant
    from vsrrg_training.evaluate import evaluate as measure
    from vsrrg_training.evaluate import save_json
    from vsrrg_training.scenes import scenes
    from vsrrg_training.tables import markdown

    wrong = [path for path in out if path.suffix not in (".json", ".md")]
    if wrong:
        raise RecipeError(f"reports are .json or .md files, and {wrong[0]} is neither")
    if threads:
        torch.set_num_threads(threads)
    entrants = [model_contestant(name, device=device, precision=precision) for name in (*weights, *models)]
    crop = (384, 224) if quick else None
    shown = scenes(
        videos,
        frames=9 if quick else frames,
        seed=seed,
        crop=crop,
        types=tuple(types.split(",")) if types else None,
        camera=camera,
    )
    results = measure([*baselines(), *entrants], shown, ssim_every=0 if quick else 4, report=_note)
    text = markdown(results)
    for path in out:
        save_json(results, path) if path.suffix == ".json" else path.write_text(text)
    click.echo(text)


@main.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="general", show_default=True, help="Name of the model.")
@click.option("--version", default="1", show_default=True, help="Version of the weights.")
@click.option(
    "--description", default="Removes rain streaks of all kinds", show_default=True, help="One line."
)
@click.option("--report", type=click.Path(exists=True, path_type=Path), help="JSON report for the card.")
@click.option("--history", default="", help="What the run started from, for the card.")
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
    "--to", "folder", type=click.Path(path_type=Path), help="Folder; vsrrg's own weights by default."
)
def export(
    source: Path,
    name: str,
    version: str,
    description: str,
    report: Path | None,
    history: str,
    blend: Path | None,
    share: float,
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
        blend=blend,
        share=share,
    )
    click.echo(f"{done.weights} ({done.sha256[:12]}), {done.card}")


@main.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder for clips and sheet."
)
@click.option("--frames", type=click.IntRange(min=1), default=48, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--types", help="Rain types, separated by commas; all by default.")
def synth(source: Path, folder: Path, frames: int, seed: int, types: str | None) -> None:
    """Let every type of rain fall on a clean video or still, and draw a contact sheet."""
    from vsrrg_training.synth import synthesize

    for path in synthesize(
        source, folder, frames=frames, seed=seed, types=types.split(",") if types else None
    ):
        click.echo(path)


@main.command("rain-stats")
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
    from vsrrg_training import rain_statistics as rain
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


def _note(line: str) -> None:
    click.echo(line, err=True)
