"""Measure models on clean clips with rain that they have never seen."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.evaluation.contestants import Contestant
from vsrrg_training.evaluation.metric import Added, measured
from vsrrg_training.evaluation.metrics import SMALLEST, ClipMeter
from vsrrg_training.evaluation.scenes import Scene


@dataclass(frozen=True)
class Result:
    """One contestant on one scene."""

    contestant: str
    clip: str
    rain: str
    motion: str
    seconds_per_frame: float
    figures: dict[str, float]


def evaluate(
    contestants: Sequence[Contestant],
    shown: Iterable[Scene],
    *,
    ssim_every: int = 4,
    skip_ends: int = 0,
    added: Added = (),
    report: Callable[[str], None] | None = None,
) -> list[Result]:
    """Every contestant on every scene; scenes are made once and dropped.

    The first and last `skip_ends` frames of a scene are derained, but not scored. Raises RecipeError for
    scenes that have no others, or are too small. Metrics may be `added`.
    """
    results = []
    for scene in shown:
        if ssim_every:
            check_size(scene)
        scored = range(skip_ends, len(scene.rainy) - skip_ends)
        if not scored:
            raise RecipeError(
                "training-unfit-footage",
                f"scene {scene.clip} has {len(scene.rainy)} frames, so nothing is left to score: lower "
                f"--skip-ends {skip_ends}",
            )
        for contestant in contestants:
            began = time.monotonic()
            output = contestant.derain(scene.rainy)
            assert len(output) == len(scene.rainy)
            seconds = (time.monotonic() - began) / len(scene.rainy)
            meter = ClipMeter(ssim_every)
            for n in scored:
                meter.add(scene.rainy[n], scene.clean[n], output[n])
            where = f"clip {scene.clip} ({scene.rain}, {scene.motion})"
            lumas = [[clip[n][0] for n in scored] for clip in (output, scene.rainy, scene.clean)]
            figures = meter.figures() | measured(added, where, *lumas)
            results.append(Result(contestant.name, scene.clip, scene.rain, scene.motion, seconds, figures))
        if report:
            scores = "  ".join(
                f"{r.contestant} {r.figures['psnr_y']:.2f}" for r in results[-len(contestants) :]
            )
            report(f"{scene.clip} {scene.rain} {scene.motion}: {scores}")
    return results


def check_size(scene: Scene) -> None:
    """Raises RecipeError for a scene that SSIM's window does not fit into."""
    height, width = scene.rainy[0][0].shape
    if min(height, width) < SMALLEST:
        raise RecipeError(
            "training-unfit-footage",
            f"scene {scene.clip} is {width}x{height}: SSIM needs frames of at least {SMALLEST}x{SMALLEST}",
        )


def mean(results: Iterable[Result], figure: str) -> float | None:
    """Mean of a figure over the results that have it."""
    values = [result.figures[figure] for result in results if figure in result.figures]
    return float(np.mean(values)) if values else None


def save_json(results: Sequence[Result], path: Path) -> None:
    """Write every result, for later comparisons."""
    write_whole(path, json.dumps([asdict(result) for result in results], indent=1) + "\n", parents=True)


def load_json(path: Path) -> list[Result]:
    """Read what `save_json` wrote. Raises RecipeError where the file is missing or something else."""
    try:
        return [Result(**entry) for entry in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError) as error:
        raise RecipeError(
            "training-file", f"{path} is not a report of an evaluation ({error}); make one with `evaluate`"
        ) from error
