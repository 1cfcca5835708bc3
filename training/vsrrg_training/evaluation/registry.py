"""Metrics that plugins add, by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from vsrrg.hooks.manager import Offer
from vsrrg_training.config import RecipeError
from vsrrg_training.evaluation.metric import Added, Metric
from vsrrg_training.evaluation.metrics import FIGURES
from vsrrg_training.evaluation.noreference import MEASURES
from vsrrg_training.evaluation.paired import PAIR_FIGURES
from vsrrg_training.registry import known

_TAKEN = frozenset((*FIGURES, *PAIR_FIGURES, *MEASURES))
"""The evaluation's own figures: they share their passes over the frames, so they are no metrics apart."""


def metrics() -> Mapping[str, Offer[Metric]]:
    """Every added metric by name.

    Raises PluginError, naming the plugin, where one offers something else than new, well-formed metrics.
    """
    return known("vsrrg_metrics", Metric, "metric", _TAKEN)


def chosen(asked: Collection[str], *, truth: bool = True) -> Added:
    """The metrics that cost little and those asked for; without `truth`, of those that do not need it.

    Raises RecipeError for a name that is unknown, or asks for a comparison with a truth that is not there.
    """
    known = metrics()
    for name in asked:
        if name not in known:
            choice = f"choose one of {', '.join(known)}" if known else "no installed plugin adds any"
            raise RecipeError("training-unknown-name", f"there is no metric {name!r} to add: {choice}")
        if known[name].item.truth and not truth:
            raise RecipeError(
                "training-options",
                f"metric {name} compares with clean clips, which real rain has not: leave --metric {name} "
                "out",
            )
    return [
        offer
        for name, offer in known.items()
        if (truth or not offer.item.truth) and (name in asked or not offer.item.expensive)
    ]
