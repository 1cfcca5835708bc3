"""A sample of the study: one still or clip, and all that is measured on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vsrrg_training.data.sources import Pixels
from vsrrg_training.gap.footage import Footage, Medium, Origin
from vsrrg_training.gap.pictures import clip_figures, gradient_histogram, picture_figures, streak_figures
from vsrrg_training.gap.residual import against_median, against_neighbours, exact, luma_codes
from vsrrg_training.gap.response import Network
from vsrrg_training.gap.ridges import Floats
from vsrrg_training.gap.statistics import RainStatistics, measure
from vsrrg_training.gap.streaks import find_streaks
from vsrrg_training.gap.temporal import time_figures

LEAST_KNOWN = 0.4
"""Share of pixels whose background must be known for a clip to tell of its residual."""
LEAST_STEADY = 0.7
"""The same for times: edges that slide over each other last for frames, too."""

_CROP = 160


@dataclass(frozen=True, eq=False)
class Sample:
    """One still or clip, measured; pixels are not kept but for a crop."""

    name: str
    group: str
    origin: Origin
    medium: Medium
    source: str
    figures: dict[str, float]
    """By key of FIGURES; NaN where the sample cannot tell."""
    truth: dict[str, float]
    """The same figures of the rain alone, where it is known."""
    residual: RainStatistics | None
    """What the neighbouring frames tell; None for stills and clips that move too much."""
    exact: RainStatistics | None
    """The same against the clean twin, where there is one, for clips."""
    histogram: Floats
    """(2, classes): `gradient_histogram`."""
    features: Floats | None
    """The encoder's, where a network was asked."""
    crop: NDArray[np.uint8]
    """(160, 160, 3), from the middle of the picture."""


def measure_footage(footage: Footage, network: Network | None) -> Sample:
    """Measure everything that the medium allows; pictures are the middle frames of clips."""
    pixels = footage.pixels
    luma = luma_codes(pixels)
    middle = len(pixels) // 2
    figures: dict[str, float] = {}
    truth: dict[str, float] = {}
    known = true = None
    if footage.medium == "still":
        figures |= picture_figures(luma[0])
    if footage.rain is not None and footage.clean is not None:
        streaks = find_streaks(footage.rain[middle], footage.clean[middle])
        truth |= streak_figures(streaks, luma[middle].size)
        del truth["standing_out"]  # it is about the scene, too
    if footage.medium == "clip":
        guess = against_neighbours(luma)
        if guess.known.mean() >= LEAST_KNOWN:
            known = measure(guess)
            figures |= residual_figures(known)
            # Two frames at each end have no residual.
            figures |= clip_figures(luma[middle], guess.rain[middle - 2], guess.background[middle - 2])
        steady = against_median(luma)
        if steady.known.mean() >= LEAST_STEADY:
            figures |= time_figures(steady)
        if footage.rain is not None and footage.clean is not None:
            residual = exact(footage.rain + footage.clean, footage.clean)
            true = measure(residual)
            truth |= residual_figures(true) | time_figures(residual)
    if network:
        figures |= network.figures(pixels)
    return Sample(
        name=footage.name,
        group=footage.group,
        origin=footage.origin,
        medium=footage.medium,
        source=footage.source,
        figures=figures,
        truth=truth,
        residual=known,
        exact=true,
        histogram=gradient_histogram(luma[middle]),
        features=network.features(pixels) if network else None,
        crop=_crop(pixels[middle]),
    )


def residual_figures(clip: RainStatistics) -> dict[str, float]:
    """The figures of the family `residual`."""
    return {
        "changed": clip.changed,
        "mean": clip.mean,
        "p99": clip.p99,
        "darker": clip.darker,
        "streaks": clip.streaks,
        "streak_length": clip.length,
        "streak_length_p90": clip.length_p90,
        "streak_tilt": clip.angle,
        "beside": clip.beside,
        "two_away": clip.two_away,
        "brightness_75": clip.brightness[1],
        "brightness_175": clip.brightness[3],
    }


def _crop(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    top, left = max(0, (height - _CROP) // 2), max(0, (width - _CROP) // 2)
    return np.array(picture[top : top + _CROP, left : left + _CROP])
