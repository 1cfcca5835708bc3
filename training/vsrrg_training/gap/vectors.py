"""Samples as rows of numbers, for what looks at all figures together."""

import warnings
from collections.abc import Sequence

import numpy as np

from vsrrg_training.gap.figures import FIGURES, Family
from vsrrg_training.gap.footage import Medium
from vsrrg_training.gap.ridges import Floats
from vsrrg_training.gap.samples import Sample

_KNOWN = 0.5
_LEAST = 1e-4


def kinds(samples: Sequence[Sample], medium: Medium, against: str) -> tuple[list[Sample], list[Sample]]:
    """Real samples of a medium, and the others: those of an origin, or of a group such as a rain type."""
    chosen = [sample for sample in samples if sample.medium == medium]
    real = [sample for sample in chosen if sample.origin == "real"]
    return real, [s for s in chosen if against in (s.origin, s.group) and s.origin != "real"]


def shared_figures(real: Sequence[Sample], others: Sequence[Sample], families: Sequence[Family]) -> list[str]:
    """Keys of the families' figures that at least half of either kind have."""
    return [
        key
        for key, figure in FIGURES.items()
        if figure.family in families
        and all(kind and np.isfinite(table(kind, [key])).mean() >= _KNOWN for kind in (real, others))
    ]


def table(samples: Sequence[Sample], keys: Sequence[str]) -> Floats:
    """(samples, keys), NaN where unknown; the logarithm of figures that are logarithmic."""
    values = [sample.figures.get(key, np.nan) for sample in samples for key in keys]
    rows = np.array(values, np.float64).reshape(len(samples), len(keys))
    logarithmic = np.array([FIGURES[key].logarithmic for key in keys], np.bool_)
    rows[:, logarithmic] = np.log(rows[:, logarithmic].clip(_LEAST))
    return rows


def standardized(real: Sequence[Sample], others: Sequence[Sample], keys: Sequence[str]) -> Floats:
    """Rows of both kinds, real ones first, in standard deviations of the real ones; gaps take the median."""
    rows = table([*real, *others], keys)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        middle = np.nanmedian(rows, axis=0)
        scale = np.nanstd(rows[: len(real)], axis=0)
    rows = np.where(np.isfinite(rows), rows, middle)
    return np.asarray((rows - middle) / np.where(scale > 0, scale, 1), np.float64)
