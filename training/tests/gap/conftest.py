"""Rain of known streaks, and samples of known figures."""

from collections.abc import Callable

import numpy as np
import pytest

from vsrrg_training.gap.footage import Medium, Origin
from vsrrg_training.gap.pictures import GRADIENT_STEPS
from vsrrg_training.gap.residual import Codes
from vsrrg_training.gap.samples import Sample

type Dashes = Callable[..., tuple[Codes, Codes]]


@pytest.fixture
def dashes() -> Dashes:
    """Draws a rainy clip and its clean twin."""
    return draw_dashes


def draw_dashes(frames: int = 6, background: float = 75.0, stay: bool = False) -> tuple[Codes, Codes]:
    """A rainy clip and its clean twin, 96x128: 12 vertical dashes a frame, 20 px long, profile 10-40-10."""
    random = np.random.default_rng(0)
    clean = np.full((frames, 96, 128), background, np.float32)
    rainy = clean.copy()
    places = [(int(y), 5 + 10 * k) for k, y in enumerate(random.integers(2, 70, 12))]
    for t in range(frames):
        if not stay and t:
            places = [(int(y), 5 + 10 * k + t % 3 * 3 - 3) for k, y in enumerate(random.integers(2, 70, 12))]
        for y, x in places:
            rainy[t, y : y + 20, x - 1 : x + 2] += (10, 40, 10)
    return rainy, clean


def made_sample(
    name: str,
    figures: dict[str, float],
    *,
    origin: Origin = "synthetic",
    group: str = "light",
    medium: Medium = "still",
    truth: dict[str, float] | None = None,
    features: list[float] | None = None,
) -> Sample:
    """A sample with nothing but figures."""
    return Sample(
        name=name,
        group=group,
        origin=origin,
        medium=medium,
        source=name,
        figures=figures,
        truth=truth or {},
        residual=None,
        exact=None,
        histogram=np.zeros((2, len(GRADIENT_STEPS) - 1)),
        features=None if features is None else np.array(features),
        crop=np.zeros((4, 4, 3), np.uint8),
    )
