"""What this package itself adds to training, through the hooks that plugins use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsrrg.hooks import API_VERSION, hookimpl

if TYPE_CHECKING:
    from vsrrg_training.datasets.dataset import DataSet
    from vsrrg_training.rain.types import RainType

vsrrg_api = API_VERSION


@hookimpl
def vsrrg_rain_types() -> list[RainType]:
    from vsrrg_training.rain.types import TYPES

    return list(TYPES.values())


@hookimpl
def vsrrg_datasets() -> list[DataSet]:
    from vsrrg_training.datasets.published import DATA_SETS

    return list(DATA_SETS)
