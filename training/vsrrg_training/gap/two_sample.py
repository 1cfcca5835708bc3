"""Two-sample test: can a classifier tell real from synthetic rain by the figures alone?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vsrrg_training.gap.distance import FEWEST
from vsrrg_training.gap.figures import Family
from vsrrg_training.gap.footage import Medium
from vsrrg_training.gap.samples import Sample
from vsrrg_training.gap.vectors import kinds, shared_figures, table

_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class TwoSample:
    """A classifier's success."""

    medium: Medium
    against: str
    """What real samples are told from: a rain type, `synthetic` for all of them, or `rain-free`."""
    samples: int
    """Number of the others."""
    auc: float
    """Chance that the real one of two held-out samples is taken for it; 0.5 if alike."""
    telling: tuple[tuple[str, float], ...]
    """Figures that weigh most, with their weight for a standard deviation: positive where real has more."""


def tell_apart(
    samples: Sequence[Sample], medium: Medium, against: str, families: Sequence[Family], seed: int = 0
) -> TwoSample | None:
    """Logistic regression on standardized figures, in 5 folds that share no source; None for under 15 samples
    of a kind.

    Figures that less than half of either kind have are left out; other gaps take the median.
    """
    from sklearn import (  # type: ignore[import-untyped]
        impute,
        linear_model,
        metrics,
        model_selection,
        pipeline,
        preprocessing,
    )

    real, others = kinds(samples, medium, against)
    if min(len(real), len(others)) < FEWEST:
        return None
    keys = shared_figures(real, others, families)
    rows, label = table([*real, *others], keys), np.repeat((1, 0), (len(real), len(others)))
    sources = np.unique([sample.source for sample in (*real, *others)], return_inverse=True)[1]
    model = pipeline.make_pipeline(
        impute.SimpleImputer(strategy="median"),
        preprocessing.StandardScaler(),
        linear_model.LogisticRegression(C=0.1, class_weight="balanced", max_iter=1000),
    )
    folds = model_selection.StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    chances = model_selection.cross_val_predict(
        model, rows, label, groups=sources, cv=folds, method="predict_proba"
    )
    weights = model.fit(rows, label)[-1].coef_[0]
    return TwoSample(
        medium=medium,
        against=against,
        samples=len(others),
        auc=float(metrics.roc_auc_score(label, chances[:, 1])),
        telling=tuple((keys[k], float(weights[k])) for k in np.argsort(-np.abs(weights))[:_TOLD]),
    )
