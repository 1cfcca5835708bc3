"""How much of the real samples others surround, in all figures together and in pairs of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from vsrrg_training.gap.figures import Family
from vsrrg_training.gap.footage import Medium
from vsrrg_training.gap.ridges import Floats
from vsrrg_training.gap.samples import Sample
from vsrrg_training.gap.vectors import kinds, shared_figures, standardized

NEIGHBOURS = 5
"""Real neighbours that span a real sample's surroundings."""
FEWEST = 15
"""Samples of either kind below which nothing is said."""
_DRAWS = 50
_DIMENSIONS = 4


@dataclass(frozen=True, kw_only=True)
class Distance:
    """Real samples against a group of others."""

    medium: Medium
    against: str
    """A rain type, `synthetic` for all of them, `rain-free`, or `real`: the real ones among themselves."""
    samples: int
    """Number of the others."""
    coverage: float
    """Share of the real samples with one of all the others in their surroundings."""
    coverage_few: float
    """The same with any 15 of the others, so that groups of all sizes compare."""
    frechet: float
    """Frechet distance of the encoder's features, 15 samples a side; NaN without a network."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two figures of the real samples against the synthetic ones."""

    medium: Medium
    figures: tuple[str, str]
    """Keys of FIGURES."""
    coverage: float
    """Share of the real samples with a synthetic one in their surroundings."""


def distance(
    samples: Sequence[Sample], medium: Medium, against: str, families: Sequence[Family], seed: int = 0
) -> Distance | None:
    """Real samples against others in standardized figures and in the encoder's features; None for under 15
    samples of a kind.

    Coverage is that of Naeem et al. 2020; surroundings reach to the fifth real neighbour. Frechet's distance
    (Heusel et al. 2017) is between Gaussians fitted to 4 principal components of the features. Draws of the
    same size make groups comparable; figures are means over 50 of them. `real` sets one half of the real
    samples against the other, which shows what samples that are alike reach.
    """
    real, others = kinds(samples, medium, against)
    halves = against == "real"
    if len(real) < (2 * FEWEST if halves else FEWEST) or (len(others) < FEWEST and not halves):
        return None
    figures = standardized(real, others, shared_figures(real, others or real, families))
    features = _features([*real, *others])
    reach = _reach(figures[: len(real)])
    apart = _apart(figures[: len(real)], figures)
    generator = np.random.default_rng(seed)
    whole, few, frechet = [], [], []
    for _ in range(_DRAWS):
        own = generator.permutation(len(real))
        judged = own[len(real) // 2 :] if halves else own
        other = own[: len(real) // 2] if halves else len(real) + generator.permutation(len(others))
        whole.append(_covered(apart[judged][:, other], reach[judged]))
        few.append(_covered(apart[judged][:, other[:FEWEST]], reach[judged]))
        if features is not None:
            frechet.append(_frechet(features[judged[:FEWEST]], features[other[:FEWEST]]))
    return Distance(
        medium=medium,
        against=against,
        samples=len(real) // 2 if halves else len(others),
        coverage=float(np.mean(whole)),
        coverage_few=float(np.mean(few)),
        frechet=float(np.mean(frechet)) if frechet else np.nan,
    )


def pairs(
    samples: Sequence[Sample],
    medium: Medium,
    families: Sequence[Family],
    without: frozenset[str] = frozenset(),
) -> list[Pair]:
    """Coverage in every two figures but those `without`, least covered first; nothing for under 15 samples
    of a kind.
    """
    real, others = kinds(samples, medium, "synthetic")
    if min(len(real), len(others)) < FEWEST:
        return []
    keys = [key for key in shared_figures(real, others, families) if key not in without]
    rows = standardized(real, others, keys)
    found = []
    for i, k in combinations(range(len(keys)), 2):
        plane = rows[:, [i, k]]
        own = plane[: len(real)]
        share = _covered(_apart(own, plane[len(real) :]), _reach(own))
        found.append(Pair(medium=medium, figures=(keys[i], keys[k]), coverage=share))
    return sorted(found, key=lambda pair: pair.coverage)


def _features(samples: Sequence[Sample]) -> Floats | None:
    """(samples, 4) principal components; None where no network was asked."""
    rows = [sample.features for sample in samples if sample.features is not None]
    if len(rows) < len(samples):
        return None
    centred = np.stack(rows) - np.mean(rows, axis=0)
    return np.asarray(centred @ np.linalg.svd(centred, full_matrices=False)[2][:_DIMENSIONS].T)


def _frechet(one: Floats, other: Floats) -> float:
    first, second = np.cov(one.T), np.cov(other.T)
    # The trace of a square root is the sum of the roots of the eigenvalues.
    roots = np.sqrt(np.linalg.eigvals(first @ second).real.clip(0))
    return float(((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(first + second) - 2 * roots.sum())


def _reach(real: Floats) -> Floats:
    """How far each real sample's surroundings reach."""
    return np.asarray(np.sort(_apart(real, real), axis=1)[:, min(NEIGHBOURS, len(real) - 1)], np.float64)


def _covered(apart: Floats, reach: Floats) -> float:
    return float((apart.min(1) <= reach).mean())


def _apart(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.linalg.norm(one[:, None] - other[None], axis=2))
