"""``vsrrg-train evaluate``."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from click.core import ParameterSource

from vsrrg.cli.say import say
from vsrrg_training.cli.options import FOOTAGE, reports_option, threads_option, types_option
from vsrrg_training.config import RecipeError

if TYPE_CHECKING:
    from vsrrg_training.data.dataset import RainModel
    from vsrrg_training.evaluation.contestants import Contestant, FrameKind
    from vsrrg_training.evaluation.metric import Added
    from vsrrg_training.evaluation.scenes import Look

_RAIN_OPTIONS = ("seed", "types", "foreign", "camera", "quick")


@click.command()
@click.argument("weights", nargs=-1)
@click.option("--videos", type=FOOTAGE, help="Clean clips, on which new rain falls.")
@click.option("--stills", type=FOOTAGE, help="Clean photographs, over which a camera pans slowly.")
@click.option(
    "--dataset",
    type=FOOTAGE,
    help="Pairs of rainy and clean clips instead, as nturain:FOLDER (docs/datasets.md).",
)
@click.option(
    "--real",
    type=FOOTAGE,
    help="Real rain without truth instead: streaks left, detail kept and flicker in the last --frames frames "
    "(docs/ttl.md).",
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
@types_option
@click.option(
    "--foreign",
    is_flag=True,
    help="Rain drawn by other means than the generator's, which nothing was trained on (docs/evaluation.md).",
)
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
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="A metric that a plugin adds, but that is too expensive to be measured unasked; repeatable.",
)
@click.option("--device", help="cpu or cuda; chosen by what there is.")
@click.option("--precision", help="fp32, bf16 or fp16; chosen by what the device does fast.")
@threads_option
@reports_option(".json", ".md")
def evaluate(
    weights: tuple[str, ...],
    videos: Path | None,
    stills: Path | None,
    dataset: Path | None,
    real: Path | None,
    models: tuple[str, ...],
    lookaheads: tuple[int, ...],
    frames: int,
    seed: int,
    types: tuple[str, ...] | None,
    foreign: bool,
    camera: bool,
    quick: bool,
    skip_ends: int,
    metrics: tuple[str, ...],
    device: str | None,
    precision: str | None,
    threads: int | None,
    out: tuple[Path, ...],
) -> None:
    """Measure WEIGHTS (run folders, checkpoints, weight files) and models beside the baselines.

    On clean --videos and --stills, on which the project's own rain falls, on the pairs of a --dataset, or on
    --real rain. Each is a folder, or a data set that `vsrrg-train datasets` lists.
    """
    import torch

    from vsrrg.engine.device import choose_device, choose_precision
    from vsrrg.files import write_whole
    from vsrrg_training.evaluation.foreign import ForeignRain
    from vsrrg_training.evaluation.registry import chosen
    from vsrrg_training.evaluation.scenes import Look

    if sum((videos is not None or stills is not None, dataset is not None, real is not None)) != 1:
        raise RecipeError(
            "training-options",
            "give one of: clean footage (--videos FOLDER, --stills FOLDER), pairs (--dataset NAME:FOLDER), "
            "real rain (--real FOLDER)",
        )
    if real:
        _refuse("--videos and --dataset", ("skip_ends",))
    if dataset or real:
        _refuse("--videos", _RAIN_OPTIONS)
    if dataset:
        _refuse("--videos and --real", ("frames",))
    if foreign:
        _refuse("the generator's own rain", ("types",))
    choose_precision(choose_device(device), precision)
    if threads:
        torch.set_num_threads(threads)
    added = chosen(metrics, truth=real is None)
    sources = (*weights, *models)
    entrants = partial(_entrants, sources, device=device, precision=precision, lookaheads=lookaheads)
    if dataset:
        found = _on_pairs(dataset, entrants, skip_ends, added)
    elif real:
        found = _on_real(real, entrants, frames, added)
    else:
        look = Look(
            frames=9 if quick else frames,
            seed=seed,
            crop=(384, 224) if quick else None,
            types=types,
            camera=camera,
        )
        rain = ForeignRain() if foreign else None
        found = _on_clean(videos, stills, look, rain, entrants, 0 if quick else 4, skip_ends, added)
    for path in out:
        found.save(path) if path.suffix == ".json" else write_whole(path, found.text, parents=True)
    say(*found.text.splitlines())


class _Found(NamedTuple):
    text: str
    """The tables."""
    save: Callable[[Path], None]
    """Writes every result as JSON."""


def _on_clean(
    videos: Path | None,
    stills: Path | None,
    look: "Look",
    rain: "RainModel | None",
    entrants: "Callable[[FrameKind], list[Contestant]]",
    ssim_every: int,
    skip_ends: int,
    added: "Added",
) -> _Found:
    from vsrrg_training.data.footage import load_videos
    from vsrrg_training.datasets.find import clean_stills
    from vsrrg_training.evaluation.contestants import VIDEO
    from vsrrg_training.evaluation.evaluate import evaluate, save_json
    from vsrrg_training.evaluation.scenes import panning_scenes, scenes
    from vsrrg_training.evaluation.tables import markdown

    contestants = entrants(VIDEO)
    clips, photographs = load_videos(videos) if videos else [], clean_stills(stills) if stills else []
    shown = chain(scenes(clips, look, rain=rain), panning_scenes(photographs, look, rain=rain))
    results = evaluate(
        contestants, shown, ssim_every=ssim_every, skip_ends=skip_ends, added=added, report=_note
    )
    return _Found(markdown(results, added), partial(save_json, results))


def _on_pairs(
    dataset: Path, entrants: "Callable[[FrameKind], list[Contestant]]", skip_ends: int, added: "Added"
) -> _Found:
    from vsrrg_training.datasets.find import dataset_of, paired_clips
    from vsrrg_training.evaluation.contestants import RGB
    from vsrrg_training.evaluation.paired import PairedReport, evaluate_pairs, save_report
    from vsrrg_training.evaluation.paired_tables import paired_markdown

    clips = paired_clips(dataset)
    results = evaluate_pairs(entrants(RGB), clips, skip_ends=skip_ends, added=added, report=_note)
    name = dataset_of(dataset, "pairs")[0].item.name
    report = PairedReport(name, skip_ends, results)
    return _Found(paired_markdown(report, added), partial(save_report, report))


def _on_real(
    real: Path, entrants: "Callable[[FrameKind], list[Contestant]]", frames: int, added: "Added"
) -> _Found:
    from vsrrg_training.datasets.find import rainy_clips
    from vsrrg_training.evaluation.contestants import VIDEO
    from vsrrg_training.evaluation.noreference import measure_real, real_table, save_real

    clips = rainy_clips(real)
    results = measure_real(entrants(VIDEO), clips, frames=frames, added=added, report=_note)
    return _Found(real_table(results, added), partial(save_real, results))


def _entrants(
    sources: Sequence[str],
    kind: "FrameKind",
    *,
    device: str | None,
    precision: str | None,
    lookaheads: Sequence[int],
) -> "list[Contestant]":
    """The baselines, then what the command line names."""
    from vsrrg_training.evaluation.contestants import baselines, model_contestants

    models = model_contestants(sources, kind, device=device, precision=precision, lookaheads=lookaheads)
    return [*baselines(kind), *models]


def _refuse(owner: str, options: Sequence[str]) -> None:
    """Refuse options that were given, but belong to the other kind of evaluation."""
    context = click.get_current_context()
    given = [o for o in options if context.get_parameter_source(o) is not ParameterSource.DEFAULT]
    if given:
        raise RecipeError(
            "training-options", f"--{given[0].replace('_', '-')} belongs to {owner}: leave it out"
        )


def _note(line: str) -> None:
    say(line, err=True)
