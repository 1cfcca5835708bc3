"""How far the estimators can be trusted: what they say of synthetic rain, against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vsrrg_training.gap.figures import FIGURES
from vsrrg_training.gap.footage import Medium
from vsrrg_training.gap.samples import Sample

TRUSTED = 0.5
"""Rank correlation with the truth below which a figure is called weak."""
_FEWEST = 8


@dataclass(frozen=True)
class Check:
    """One figure's estimates on synthetic samples beside the same figure of their rain alone."""

    figure: str
    medium: Medium
    pairs: list[tuple[float, float]]
    """Truth and estimate of every sample that has both."""
    correlation: float
    """Spearman's rank correlation."""
    bias: float
    """Median of estimate minus truth, in the figure's unit."""
    relative: float
    """The same over the median truth; NaN where that is zero."""

    @property
    def trusted(self) -> bool:
        """Whether the estimates order samples as the truth does."""
        return self.correlation >= TRUSTED


def check(samples: Sequence[Sample], medium: Medium) -> list[Check]:
    """Every figure whose truth is known for 8 samples or more."""
    from scipy.stats import spearmanr

    found = []
    for key in FIGURES:
        pairs = [
            (s.truth[key], s.figures[key])
            for s in samples
            if s.medium == medium and np.isfinite(s.truth.get(key, np.nan) + s.figures.get(key, np.nan))
        ]
        if len(pairs) < _FEWEST:
            continue
        truth, estimate = np.array(pairs).T
        constant = not np.ptp(truth) or not np.ptp(estimate)
        correlation = np.nan if constant else float(spearmanr(truth, estimate).statistic)
        bias, typical = float(np.median(estimate - truth)), float(np.median(truth))
        found.append(Check(key, medium, pairs, correlation, bias, bias / abs(typical) if typical else np.nan))
    return found
