"""Where real samples lie inside the generator's distribution, figure by figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vsrrg_training.gap.figures import FIGURES
from vsrrg_training.gap.footage import Medium
from vsrrg_training.gap.ridges import Floats
from vsrrg_training.gap.samples import Sample

LOW, HIGH = 0.02, 0.98
"""Quantiles of the pooled synthetic samples between which a real one is inside."""
INSIDE, PARTLY = 0.9, 0.7
"""Shares of real samples inside from which a figure is inside, or partly; of alike samples 0.96 are."""
FEWEST = 8
"""Synthetic samples below which nothing is said."""
KNOWN = 0.5
"""Share of the real samples that must tell of a figure."""

Verdict = Literal["inside", "partly", "outside"]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One figure of the real samples of one medium against the pooled synthetic ones."""

    figure: str
    """Key of FIGURES."""
    medium: Medium
    synthetic: tuple[float, float, float]
    """Quantiles LOW, 0.5 and HIGH of the pooled synthetic samples."""
    real: tuple[float, float, float]
    """The same of the real ones."""
    rain_free: float
    """Median of the rain-free references; NaN without any."""
    inside: float
    """Share of the real samples between the synthetic LOW and HIGH."""
    below: float
    """Share of the real samples below LOW."""
    above: float
    """Share of the real samples above HIGH."""
    greater: float
    """Chance that a real sample has the greater value of a real and a synthetic one; 0.5 if alike."""
    percentiles: dict[str, float]
    """Percentile, 0..100, of each real sample in the pooled synthetic distribution, by name."""
    others: dict[str, float]
    """The same of the other clips' parts."""

    @property
    def verdict(self) -> Verdict:
        """In a word."""
        return "inside" if self.inside >= INSIDE else "partly" if self.inside >= PARTLY else "outside"

    @property
    def widen(self) -> str:
        """Which way the generator misses real rain: `lower`, `higher`, `both` or nothing."""
        if self.verdict == "inside":
            return ""
        if min(self.below, self.above) > 0.25 * max(self.below, self.above):
            return "both"
        return "lower" if self.below > self.above else "higher"


def cover(samples: Sequence[Sample], medium: Medium) -> list[Coverage]:
    """Every figure that at least half of the real and 8 synthetic samples have, unless most of the latter
    share one value.
    """
    chosen = [sample for sample in samples if sample.medium == medium]
    filmed = [sample for sample in chosen if sample.origin == "real"]
    found = []
    for key in FIGURES:
        real = {s.name: s.figures[key] for s in filmed if _has(s, key)}
        synthetic = values(chosen, key, "synthetic")
        if len(synthetic) < FEWEST or len(real) < KNOWN * len(filmed) or not real or _constant(synthetic):
            continue
        dry = values(chosen, key, "rain-free")
        low, middle, high = np.quantile(synthetic, (LOW, 0.5, HIGH))
        points = np.array(list(real.values()))
        margin = FIGURES[key].resolution
        below, above = float((points < low - margin).mean()), float((points > high + margin).mean())
        found.append(
            Coverage(
                figure=key,
                medium=medium,
                synthetic=(float(low), float(middle), float(high)),
                real=_three(points),
                rain_free=float(np.median(dry)) if len(dry) else np.nan,
                inside=1 - below - above,
                below=below,
                above=above,
                greater=float(np.mean([_rank(synthetic, value) for value in points])),
                percentiles={name: 100 * _rank(synthetic, value) for name, value in real.items()},
                others={
                    s.name: 100 * _rank(synthetic, s.figures[key])
                    for s in chosen
                    if s.origin == "other" and _has(s, key)
                },
            )
        )
    return found


def values(samples: Sequence[Sample], key: str, origin: str) -> Floats:
    """The known values of a figure among the samples of an origin."""
    return np.array([s.figures[key] for s in samples if s.origin == origin and _has(s, key)], np.float64)


def _has(sample: Sample, key: str) -> bool:
    return bool(np.isfinite(sample.figures.get(key, np.nan)))


def _constant(points: Floats) -> bool:
    return np.unique(points).size < len(points) / 4


def _rank(synthetic: Floats, value: float) -> float:
    return float(((synthetic < value) + 0.5 * (synthetic == value)).mean())


def _three(points: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(points, (LOW, 0.5, HIGH))
    return float(low), float(middle), float(high)
