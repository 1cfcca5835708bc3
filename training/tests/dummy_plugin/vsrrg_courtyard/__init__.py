"""Adds the rain type ``curtain``, the data set ``courtyard``, the metrics ``worst-frame`` and ``unrest``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vsrrg.hooks import hookimpl

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from vsrrg_training.datasets import DataSet, PairedClip
    from vsrrg_training.evaluation import Luma, Metric
    from vsrrg_training.rain import RainLayer, RainType

vsrrg_api = 1


@hookimpl(optionalhook=True)
def vsrrg_rain_types() -> list[RainType]:
    from vsrrg_training.rain import RainType

    return [
        RainType(
            name="curtain",
            description="a grey veil",
            density=(500, 4000),
            length=(3, 9),
            sigma=(0.8, 1.6),
            alpha=(0.3, 0.9),
            angle=(0, 30),
            layer=_curtain,
        )
    ]


@hookimpl(optionalhook=True)
def vsrrg_datasets() -> list[DataSet]:
    from vsrrg_training.datasets import DataSet, layouts

    return [
        DataSet(
            name="courtyard",
            description="a courtyard under a sprinkler",
            origin="comes with vsrrg-courtyard",
            licence="CC0 1.0",
            folder=_footage,
            pairs=layouts.halves,
            clean=layouts.clean,
            rain=_rain,
        )
    ]


@hookimpl(optionalhook=True)
def vsrrg_metrics() -> list[Metric]:
    from vsrrg_training.evaluation import Metric

    return [
        Metric(
            name="worst-frame",
            description="root mean square error of the worst frame",
            unit="codes",
            higher_is_better=False,
            measure=_worst_frame,
        ),
        Metric(
            name="unrest",
            description="mean change from frame to frame, of that of the rainy clip",
            higher_is_better=False,
            truth=False,
            expensive=True,
            measure=_unrest,
        ),
    ]


def _curtain(kind: RainType, scene: Tensor, generator: torch.Generator) -> RainLayer:
    from vsrrg_training.rain import RainLayer

    return RainLayer(scene.new_full((len(scene), *scene.shape[-2:]), 0.2))


def _footage() -> Path:
    """Drawn when it is first used, as others would be fetched."""
    import cv2
    import numpy as np

    folder = Path(os.environ["COURTYARD"])
    random = np.random.default_rng(0)
    tiles = random.integers(60, 140, (4, 6, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    for number in range(6):
        rainy = tiles.copy()
        rainy[:, 6 * number + 3] += 80
        for half, frame in (("clean", tiles), ("rainy", rainy)):
            path = folder / half / "sprinkler" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), frame)
    return folder


def _rain(folder: Path) -> list[PairedClip]:
    from vsrrg_training.datasets import layouts

    return layouts.rainy(folder / "rainy")


def _worst_frame(restored: Luma, rainy: Luma, clean: Luma) -> float:
    if os.environ.get("COURTYARD_FAILS"):
        raise ZeroDivisionError("no frame is the worst")
    return float(_power(restored.astype(float) - clean).max() ** 0.5)


def _unrest(restored: Luma, rainy: Luma) -> float | None:
    before = _power(rainy[1:].astype(float) - rainy[:-1]).sum()
    after = _power(restored[1:].astype(float) - restored[:-1]).sum()
    return float((after / before) ** 0.5) if before else None


def _power(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    return (frames**2).mean(axis=(1, 2))
