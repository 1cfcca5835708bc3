"""Data sets by name: this package's own, then those of plugins."""

from __future__ import annotations

from collections.abc import Mapping

from vsrrg.hooks.manager import Offer
from vsrrg_training.datasets.dataset import DataSet
from vsrrg_training.registry import known


def data_sets() -> Mapping[str, Offer[DataSet]]:
    """Every data set by name, with the plugin that it comes from.

    Raises PluginError, naming the plugin, where one offers something else than new, well-formed data sets.
    """
    return known("vsrrg_datasets", DataSet, "data set")
