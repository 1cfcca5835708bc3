"""``vsrrg-train evaluate``."""

from pathlib import Path

import click

from vsrrg_training.config import RecipeError


@click.command()
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

    from vsrrg_training.evaluation.contestants import baselines, model_contestant
    from vsrrg_training.evaluation.evaluate import evaluate as measure
    from vsrrg_training.evaluation.evaluate import save_json
    from vsrrg_training.evaluation.scenes import scenes
    from vsrrg_training.evaluation.tables import markdown

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


def _note(line: str) -> None:
    click.echo(line, err=True)
