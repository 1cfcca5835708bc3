"""The table of methods: what each remembers after the last task."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.continual.config import Method, SequenceRecipe
from vsrrg_training.continual.sequence import run_sequence, stage_names
from vsrrg_training.data.footage import load_videos
from vsrrg_training.evaluation.contestants import model_contestant
from vsrrg_training.evaluation.evaluate import Result, check_size, evaluate, load_json, save_json
from vsrrg_training.evaluation.scenes import Look, Scene, scenes
from vsrrg_training.evaluation.tables import table
from vsrrg_training.run.folder import commit

Report = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """One method with one seed, after the last task."""

    method: Method
    seed: int
    psnr: dict[str, float]
    """PSNR-Y by rain type, dB."""
    ssim: dict[str, float]
    """SSIM-Y by rain type."""
    just_learned: dict[str, float]
    """PSNR-Y of each type right after its own task; empty for joint training."""

    @property
    def backward_transfer(self) -> float | None:
        """Mean change (dB) of the types before the last from right after their task to the end; below zero is
        forgetting (Lopez-Paz and Ranzato, 2017).
        """
        old = list(self.psnr)[:-1]
        if not self.just_learned or not old:
            return None
        return fmean(self.psnr[task] - self.just_learned[task] for task in old)

    @property
    def old(self) -> float:
        """Mean PSNR-Y of all types but the last."""
        return fmean(list(self.psnr.values())[:-1] or list(self.psnr.values()))


def run_table(recipe: SequenceRecipe, folder: Path, *, resume: bool = False, report: Report = print) -> str:
    """Every method with every seed, then the table, as `table.md` and `table.json` in the folder.

    Whatever is finished is kept, so the same call with `resume` goes on after any interruption; returns an
    empty text where a signal stopped it. Raises RecipeError.
    """
    config = recipe.table
    if config.videos is None:
        raise RecipeError(
            "training-recipe",
            "the table needs table.videos, a folder of clean videos that are not trained on",
        )
    if folder.exists() and any(folder.iterdir()) and not resume:
        raise RecipeError(
            "training-folder-taken",
            f"{folder} already holds files; add --resume to go on, or choose another folder",
        )
    outcomes = []
    shown = list(
        scenes(
            load_videos(config.videos),
            Look(config.frames, config.rain_seed, config.crop, types=recipe.tasks),
        )
    )
    for scene in shown:
        check_size(scene)
    for seed in config.seeds:
        first = folder / f"seed-{seed}" / "first"
        for method in config.methods:
            own = recipe.model_copy(update={"method": method, "seed": seed})
            place = folder / f"seed-{seed}" / method
            stages = run_sequence(own, place, resume=True, first=first, report=report)
            if len(stages) < len(stage_names(own)):
                return ""
            outcomes.append(_judge(own, stages, shown))
            report(f"{method}, seed {seed}: {fmean(outcomes[-1].psnr.values()):.2f} dB")
    text = markdown(recipe, outcomes, _input(shown))
    write_whole(folder / "table.md", text, parents=True)
    figures = {
        "recipe": recipe.model_dump(mode="json"),
        "commit": commit(),
        "outcomes": [asdict(outcome) for outcome in outcomes],
    }
    write_whole(folder / "table.json", json.dumps(figures, indent=1) + "\n", parents=True)
    return text


def _judge(recipe: SequenceRecipe, stages: Sequence[Path], shown: Sequence[Scene]) -> Outcome:
    last = _measured(stages[-1], recipe, shown)
    just_learned: dict[str, float] = {}
    if recipe.method != "joint":
        for task, stage in zip(recipe.tasks, stages, strict=True):
            just_learned[task] = _by_task(_measured(stage, recipe, shown), (task,), "psnr_y")[task]
    return Outcome(
        recipe.method,
        recipe.seed,
        _by_task(last, recipe.tasks, "psnr_y"),
        _by_task(last, recipe.tasks, "ssim"),
        just_learned,
    )


def _measured(stage: Path, recipe: SequenceRecipe, shown: Sequence[Scene]) -> list[Result]:
    """The evaluation of a stage, made once."""
    path = stage / "evaluation.json"
    if not path.exists():
        results = evaluate([model_contestant(str(stage), device="cpu", precision="fp32")], shown)
        save_json(results, path)
    return load_json(path)


def _input(shown: Sequence[Scene]) -> dict[str, float]:
    from vsrrg_training.evaluation.contestants import baselines

    results = evaluate(baselines()[:1], shown, ssim_every=0)
    return _by_task(results, list(dict.fromkeys(scene.rain for scene in shown)), "psnr_y")


def _by_task(results: Sequence[Result], tasks: Sequence[str], figure: str) -> dict[str, float]:
    return {task: fmean(r.figures[figure] for r in results if r.rain == task) for task in tasks}


def markdown(recipe: SequenceRecipe, outcomes: Sequence[Outcome], rainy: dict[str, float]) -> str:
    """The tables: means over the seeds, and in brackets half the difference between the extreme seeds."""
    tasks = recipe.tasks
    by_method = {
        method: [outcome for outcome in outcomes if outcome.method == method]
        for method in recipe.table.methods
    }
    header = ["", *tasks, "average", "old types", "backward transfer"]
    rows = [
        ["rainy input", *(f"{rainy[task]:.2f}" for task in tasks), f"{fmean(rainy[t] for t in tasks):.2f}"]
    ]
    rows[0] += [f"{fmean([rainy[t] for t in tasks[:-1]] or list(rainy.values())):.2f}", ""]
    ssim_rows = []
    for method, own in by_method.items():
        transfer = [o.backward_transfer for o in own if o.backward_transfer is not None]
        rows.append(
            [
                method,
                *(_spread([o.psnr[task] for o in own]) for task in tasks),
                _spread([fmean(o.psnr.values()) for o in own]),
                _spread([o.old for o in own]),
                _spread(transfer, "{:+.2f}") if transfer else "",
            ]
        )
        ssim_rows.append(
            [
                method,
                *(f"{fmean(o.ssim[task] for o in own):.4f}" for task in tasks),
                f"{fmean(fmean(o.ssim.values()) for o in own):.4f}",
            ]
        )
    parts = [
        table("PSNR-Y (dB) by rain type after the last task", header, rows),
        table("SSIM by rain type after the last task", ["", *tasks, "average"], ssim_rows),
    ]
    return "\n\n".join(parts) + "\n"


def _spread(values: Sequence[float], pattern: str = "{:.2f}") -> str:
    half = (max(values) - min(values)) / 2
    return pattern.format(fmean(values)) + (f" (±{half:.2f})" if len(values) > 1 else "")
