"""``vsrrg-train evaluate``."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from vsrrg_training.config import RecipeError

if TYPE_CHECKING:
    from vsrrg_training.evaluation.contestants import Contestant
    from vsrrg_training.evaluation.paired import PairedReport

_RAIN_OPTIONS = ("seed", "types", "camera", "quick")


@click.command()
@click.argument("weights", nargs=-1)
@click.option("--videos", type=click.Path(path_type=Path), help="Clean clips, on which new rain falls.")
@click.option(
    "--stills", type=click.Path(path_type=Path), help="Clean photographs, over which a camera pans slowly."
)
@click.option(
    "--dataset",
    type=(str, click.Path(path_type=Path)),
    metavar="NAME PATH",
    help="Published pairs instead: nturain, rainsynlight25, rainsyncomplex25 (or rainsynheavy25), rainvidss, "
    "plain or stills; docs/datasets.md says how their folders look.",
)
@click.option(
    "--real",
    type=click.Path(exists=True, path_type=Path),
    help="Real rain without truth instead, a video or a folder of them: streaks left, detail kept and "
    "flicker in the last --frames frames (docs/ttl.md).",
)
@click.option("--model", "models", multiple=True, help="A model that vsrrg knows by name, as `consensus`.")
@click.option(
    "--lookahead",
    "lookaheads",
    type=click.IntRange(min=0),
    multiple=True,
    help="Measure every model with so few frames of the future, too; repeatable.",
)
@click.option(
    "--frames", type=click.IntRange(min=3), default=24, show_default=True, help="Frames of each clip."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the rain.")
@click.option("--types", help="Rain types, separated by commas; all by default.")
@click.option(
    "--camera", is_flag=True, help="Noise, sharpening and compression on the rainy clip and on the clean one."
)
@click.option("--quick", is_flag=True, help="9 frames of the middle 384x224 pixels, without SSIM.")
@click.option(
    "--skip-ends",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="First and last frames of each clip that are not scored; 2 in S2VD's script for published pairs.",
)
@click.option("--device", help="cpu or cuda; chosen by what there is.")
@click.option("--precision", help="fp32, bf16 or fp16; chosen by what the device does fast.")
@click.option("--threads", type=int, help="torch threads.")
@click.option(
    "--out", type=click.Path(path_type=Path), multiple=True, help="Report file, .json or .md; repeatable."
)
def evaluate(
    weights: tuple[str, ...],
    videos: Path | None,
    stills: Path | None,
    dataset: tuple[str, Path] | None,
    real: Path | None,
    models: tuple[str, ...],
    lookaheads: tuple[int, ...],
    frames: int,
    seed: int,
    types: str | None,
    camera: bool,
    quick: bool,
    skip_ends: int,
    device: str | None,
    precision: str | None,
    threads: int | None,
    out: tuple[Path, ...],
) -> None:
    """Measure WEIGHTS (run folders, checkpoints, weight files) and models beside the baselines.

    On clean --videos and --stills, on which the project's own rain falls, on the pairs of a --dataset, or on
    --real rain.
    """
    import torch

    from vsrrg_training.evaluation.contestants import baselines, model_contestants
    from vsrrg_training.evaluation.evaluate import evaluate as measure
    from vsrrg_training.evaluation.evaluate import save_json
    from vsrrg_training.evaluation.scenes import Look, panning_scenes, scenes
    from vsrrg_training.evaluation.tables import markdown
    from vsrrg_training.run.folder import write_whole

    wrong = [path for path in out if path.suffix not in (".json", ".md")]
    if wrong:
        raise RecipeError(f"reports are .json or .md files, and {wrong[0]} is neither")
    if sum((videos is not None or stills is not None, dataset is not None, real is not None)) != 1:
        raise RecipeError(
            "give one of: clean footage (--videos FOLDER, --stills FOLDER), pairs (--dataset NAME PATH), "
            "real rain (--real PATH)"
        )
    if real:
        _refuse("--videos and --dataset", ("skip_ends",))
    if dataset or real:
        _refuse("--videos", _RAIN_OPTIONS)
    if threads:
        torch.set_num_threads(threads)
    sources = (*weights, *models)
    if dataset:
        _refuse("--videos and --real", ("frames",))
        report = _on_pairs(dataset, sources, lookaheads, skip_ends, device, precision)
        _save_pairs(report, out)
        return
    entrants = model_contestants(sources, device=device, precision=precision, lookaheads=lookaheads)
    if real:
        _on_real(real, [*baselines(), *entrants], frames, out)
        return
    look = Look(
        frames=9 if quick else frames,
        seed=seed,
        crop=(384, 224) if quick else None,
        types=tuple(types.split(",")) if types else None,
        camera=camera,
    )
    shown = chain(scenes(videos, look) if videos else (), panning_scenes(stills, look) if stills else ())
    every = 0 if quick else 4
    results = measure([*baselines(), *entrants], shown, ssim_every=every, skip_ends=skip_ends, report=_note)
    text = markdown(results)
    for path in out:
        save_json(results, path) if path.suffix == ".json" else write_whole(path, text)
    click.echo(text)


def _on_pairs(
    dataset: tuple[str, Path],
    sources: Sequence[str],
    lookaheads: Sequence[int],
    skip_ends: int,
    device: str | None,
    precision: str | None,
) -> "PairedReport":
    from vsrrg_training.datasets.published import load
    from vsrrg_training.evaluation.contestants import RGB, baselines, model_contestants
    from vsrrg_training.evaluation.paired import PairedReport, evaluate_pairs

    name, path = dataset
    clips = load(name, path)
    entrants = model_contestants(sources, RGB, device=device, precision=precision, lookaheads=lookaheads)
    results = evaluate_pairs([*baselines(RGB), *entrants], clips, skip_ends=skip_ends, report=_note)
    return PairedReport(name.lower(), skip_ends, results)


def _on_real(real: Path, contestants: "Sequence[Contestant]", frames: int, out: Sequence[Path]) -> None:
    from vsrrg_training.evaluation.noreference import measure_real, real_table, save_real
    from vsrrg_training.run.folder import write_whole

    results = measure_real(contestants, [real] if real.is_file() else real, frames=frames, report=_note)
    text = real_table(results)
    for path in out:
        save_real(results, path) if path.suffix == ".json" else write_whole(path, text)
    click.echo(text)


def _save_pairs(report: "PairedReport", out: Sequence[Path]) -> None:
    from vsrrg_training.evaluation.paired import save_report
    from vsrrg_training.evaluation.paired_tables import paired_markdown
    from vsrrg_training.run.folder import write_whole

    text = paired_markdown(report)
    for path in out:
        save_report(report, path) if path.suffix == ".json" else write_whole(path, text)
    click.echo(text)


def _refuse(owner: str, options: Sequence[str]) -> None:
    """Refuse options that were given, but belong to the other kind of evaluation."""
    context = click.get_current_context()
    given = [o for o in options if context.get_parameter_source(o) is not ParameterSource.DEFAULT]
    if given:
        raise RecipeError(f"--{given[0].replace('_', '-')} belongs to {owner}: leave it out")


def _note(line: str) -> None:
    click.echo(line, err=True)
