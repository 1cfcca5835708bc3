"""Whether the measures without truth follow the truth: ladders of outputs of known quality on synthetic rain.

A ladder derains a synthetic clip by mixing it with its clean twin (0 to 100 % of the rain removed), by
blurring the result, and by removing more in one frame than in the next. Each rung is judged without truth
and with it; Spearman's rank correlation over the rungs says whether both order the rungs alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vsrrg_training.data.yuv import Planes
from vsrrg_training.evaluation.metrics import RAINY_CODES
from vsrrg_training.evaluation.noreference import MEASURES, Codes, judge, observe
from vsrrg_training.evaluation.scenes import Scene

REMOVED = (0.0, 0.25, 0.5, 0.75, 1.0)
BLURS = (0.0, 0.6, 1.0, 1.6)
"""Standard deviations of Gaussian blurs, px."""
UNSTEADY = (0.2, 0.4)
"""How far the share removed strays from half in single frames."""


@dataclass(frozen=True)
class Rung:
    """How an output was made from a rainy clip and its twin."""

    removed: float
    blur: float
    unsteady: float


@dataclass(frozen=True)
class Agreement:
    """Rank correlation of measure and truth over the ladder of one scene, by measure."""

    clip: str
    rain: str
    motion: str
    correlations: dict[str, float]


def ladder() -> list[Rung]:
    """Every rung."""
    steady = [Rung(removed, blur, 0.0) for removed in REMOVED for blur in BLURS]
    return steady + [Rung(0.5, 0.0, unsteady) for unsteady in UNSTEADY]


def climbed(scene: Scene, rung: Rung) -> tuple[list[Planes], Codes]:
    """What a deraining method of this quality makes of a scene, and the rain (T, H, W) that it leaves.

    The latter is what tells its output from what it makes of the clean twin.
    """
    random = np.random.default_rng(0)
    made: list[Planes] = []
    left = []
    for rainy, clean in zip(scene.rainy, scene.clean, strict=True):
        share = rung.removed + rung.unsteady * random.uniform(-1, 1)
        rain = (1 - share) * (rainy[0].astype(np.float32) - clean[0])
        mixed = _blurred(clean[0] + rain, rung.blur)
        left.append(_blurred(rain, rung.blur))
        made.append((np.rint(mixed).clip(0, 255).astype(np.uint8), rainy[1], rainy[2]))
    return made, np.stack(left)


def truth(rain: Codes, clean: Codes, result: Codes, left: Codes) -> dict[str, float]:
    """What the measures of `noreference` estimate: all (T, H, W), codes.

    The energy of the rain left over that of all rain; the projection of the output's gradients on those of
    the clean twin, where there is no rain; the change of the rain left from frame to frame.
    """
    dry = np.abs(rain) <= 1
    kept = whole = 0.0
    for axis in (1, 2):
        edge = np.diff(clean, axis=axis)
        both = np.take(dry, range(1, dry.shape[axis]), axis) & np.take(dry, range(dry.shape[axis] - 1), axis)
        kept += float((np.diff(result, axis=axis) * edge * both).sum(dtype=np.float64))
        whole += float((edge * edge * both).sum(dtype=np.float64))
    return {
        "streaks": float(np.square(left.clip(0)).sum() / np.square(rain.clip(0)).sum()),
        "detail": kept / whole,
        "flicker": float(np.sqrt(np.square(left[1:] - left[:-1]).mean())),
    }


def agreement(scene: Scene) -> Agreement:
    """Climb the ladder on one scene with rain."""
    observed = observe(scene.rainy)
    rainy, clean = _luma(scene.rainy), _luma(scene.clean)
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    known: dict[str, list[float]] = {name: [] for name in MEASURES}
    for rung in ladder():
        result, left = climbed(scene, rung)
        for name, value in judge(observed, result).items():
            found[name].append(value)
        for name, value in truth(rainy - clean, clean, _luma(result), left).items():
            known[name].append(value)
    correlations = {name: rank_correlation(found[name], known[name]) for name in MEASURES if found[name]}
    return Agreement(scene.clip, scene.rain, scene.motion, correlations)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's."""
    from torchmetrics.functional.regression import spearman_corrcoef

    return float(
        spearman_corrcoef(torch.tensor(one, dtype=torch.float64), torch.tensor(other, dtype=torch.float64))
    )


def agreements(shown: Iterable[Scene], report: Callable[[str], None] | None = None) -> Iterator[Agreement]:
    """Climb it on every scene that has rain enough to speak of."""
    for scene in shown:
        rain = _luma(scene.rainy) - _luma(scene.clean)
        if (rain >= RAINY_CODES).mean() < 0.001:
            continue
        found = agreement(scene)
        if report:
            values = "  ".join(f"{name} {value:+.2f}" for name, value in found.correlations.items())
            report(f"{scene.clip} {scene.rain} {scene.motion}: {values}")
        yield found


def agreement_table(found: Sequence[Agreement]) -> str:
    """Means and the worst scene, still and moving apart, by rain (Markdown)."""
    lines = ["| rain | camera | scenes | " + " | ".join(f"{name}, mean (worst)" for name in MEASURES) + " |"]
    lines.append("|---" * (3 + len(MEASURES)) + "|")
    rains = dict.fromkeys(one.rain for one in found)
    for rain in (*rains, "all"):
        for motion in dict.fromkeys(one.motion for one in found):
            here = [one for one in found if rain in (one.rain, "all") and one.motion == motion]
            if not here:
                continue
            cells = []
            for name in MEASURES:
                values = [one.correlations[name] for one in here if name in one.correlations]
                cells.append(f"{np.mean(values):+.2f} ({min(values):+.2f})" if values else "")
            lines.append(f"| {rain} | {motion} | {len(here)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _luma(clip: Sequence[Planes]) -> Codes:
    return np.stack([planes[0] for planes in clip]).astype(np.float32)


def _blurred(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma) if sigma else plane, np.float32)
