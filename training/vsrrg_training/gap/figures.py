"""The figures of the study: what each is called, what it means, in which unit, and how it is written."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Family = Literal["streaks", "gradients", "residual", "time", "network"]


@dataclass(frozen=True)
class Figure:
    """One number that every sample has, measured alike on real and synthetic rain."""

    key: str
    family: Family
    title: str
    unit: str
    """Empty for plain numbers and shares."""
    pattern: str
    """How a value is formatted."""
    meaning: str
    """One sentence."""
    logarithmic: bool = False
    """Whether plots show it on a logarithmic axis."""
    resolution: float = 0.0
    """Differences up to this say nothing: real values that miss the generator's range by less are inside."""


_FIGURES = (
    Figure("density", "streaks", "streak density", "per Mpx", "{:.0f}",
           "Streaks along the dominant direction beyond the clutter, which is the number of ridges in other "
           "directions; below zero where there is less than elsewhere."),
    Figure("standing_out", "streaks", "rain stands out", "share", "{:.2f}",
           "Share of the ridges of the dominant direction that clutter does not explain."),
    Figure("tilt", "streaks", "tilt", "degrees", "{:.0f}",
           "Absolute angle of the dominant direction from the vertical.", resolution=1.0),
    Figure("spread", "streaks", "spread of angles", "degrees", "{:.1f}",
           "Robust standard deviation of the streaks' angles about the dominant one; at most 16 are seen."),
    Figure("length", "streaks", "length, median", "px", "{:.1f}",
           "Extent along a streak as far as it holds half of its contrast.", True),
    Figure("length_p90", "streaks", "length, 90 %", "px", "{:.0f}",
           "Length that 90 % of the streaks do not exceed.", True),
    Figure("width", "streaks", "width, median", "px", "{:.2f}",
           "Full width at half maximum across a streak.", True),
    Figure("width_p90", "streaks", "width, 90 %", "px", "{:.1f}",
           "Width that 90 % of the streaks do not exceed.", True),
    Figure("contrast", "streaks", "contrast, median", "codes", "{:.1f}",
           "A streak's brightness above its surroundings; streaks below 4 codes are not seen.", True),
    Figure("contrast_p90", "streaks", "contrast, 90 %", "codes", "{:.0f}",
           "Contrast that 90 % of the streaks do not exceed.", True),
    Figure("contrast_dark", "streaks", "contrast before dark", "codes", "{:.1f}",
           "Median contrast of streaks before backgrounds below 80 codes.", True),
    Figure("contrast_bright", "streaks", "contrast before bright", "codes", "{:.1f}",
           "Median contrast of streaks before backgrounds from 120 codes on.", True),
    Figure("opacity", "streaks", "opacity (alpha)", "", "{:.3f}",
           "Loss of contrast for each code of background: alpha of a blend alpha * (light - background)."),
    Figure("light", "streaks", "light", "codes", "{:.0f}",
           "Brightness toward which streaks blend: the background at which the fitted contrast ends."),
    Figure("kurtosis_horizontal", "gradients", "kurtosis, horizontal", "", "{:.1f}",
           "Kurtosis of the difference of neighbours in a row (3 for Gaussian noise).", True),
    Figure("kurtosis_vertical", "gradients", "kurtosis, vertical", "", "{:.1f}",
           "Kurtosis of the difference of neighbours in a column.", True),
    Figure("anisotropy", "gradients", "energy across / along", "ratio", "{:.2f}",
           "Energy of the derivative across the dominant direction over that along it.", True),
    Figure("bright_ridges", "gradients", "bright against dark ridges", "", "{:.2f}",
           "Skewness of the difference between a pixel and the mean of those 2 px beside it, across the "
           "dominant direction: positive where thin bright lines outweigh dark ones."),
    Figure("changed", "residual", "changed pixels", "share", "{:.3f}",
           "Share of pixels that differ from their background by more than 10 codes.", True),
    Figure("mean", "residual", "mean", "codes", "{:+.2f}", "Mean residual."),
    Figure("p99", "residual", "99th percentile", "codes", "{:.0f}", "99th percentile of the residual.", True),
    Figure("darker", "residual", "darker pixels", "share", "{:.4f}",
           "Share of pixels darker than their background by more than 10 codes."),
    Figure("streaks", "residual", "streaks", "per Mpx", "{:.0f}",
           "Connected bright specks at least 6 px long.", True),
    Figure("streak_length", "residual", "length of these, median", "px", "{:.1f}",
           "Diagonal of a speck's bounding box.", True),
    Figure("streak_length_p90", "residual", "length of these, 90 %", "px", "{:.0f}",
           "Length that 90 % of the specks do not exceed.", True),
    Figure("streak_tilt", "residual", "tilt of the residual", "degrees", "{:.0f}",
           "Absolute angle from the vertical along which the residual changes least.", resolution=1.0),
    Figure("beside", "residual", "cross-section at 1 px", "ratio", "{:.2f}",
           "Mean residual one pixel off the ridge, relative to the ridge."),
    Figure("two_away", "residual", "cross-section at 2 px", "ratio", "{:.2f}",
           "Mean residual two pixels off the ridge, relative to the ridge."),
    Figure("brightness_75", "residual", "brightness before 75", "codes", "{:.0f}",
           "Mean of residuals above 10 codes before backgrounds of 50 to 100 codes.", True),
    Figure("brightness_175", "residual", "brightness before 175", "codes", "{:.0f}",
           "The same before backgrounds of 150 to 200 codes.", True),
    Figure("duration", "time", "bright excursion", "frames", "{:.2f}",
           "Mean number of frames in a row for which a pixel is brighter than its background by more than 10 "
           "codes."),
    Figure("lasting", "time", "lasting excursions", "share", "{:.2f}",
           "Share of the excursions that last for more than one frame."),
    Figure("persistence", "time", "again beyond chance", "share", "{:.2f}",
           "Share of the bright pixels that are bright again in the next frame, less the share of all pixels "
           "that are bright."),
    Figure("autocorrelation_1", "time", "autocorrelation, 1 frame", "", "{:.2f}",
           "Correlation of what the residual has above 10 codes with the same of the next frame."),
    Figure("autocorrelation_2", "time", "autocorrelation, 2 frames", "", "{:.2f}",
           "Correlation of what it has above 10 codes with the same two frames later."),
    Figure("skewness", "time", "skewness of the residual", "", "{:.1f}",
           "Third moment over the third power of the standard deviation: noise has none, rain has much."),
    Figure("seen", "network", "pixels changed by the model", "share", "{:.3f}",
           "Share of the pixels from which the model takes 3 codes of luma or more."),
    Figure("energy", "network", "rain seen by the model", "codes RMS", "{:.2f}",
           "Root mean square of the luma that the model takes away."),
    Figure("strength", "network", "streak strength, median", "codes", "{:.1f}",
           "Median of what the model takes from the pixels that count as seen.", True),
    Figure("strength_p90", "network", "streak strength, 90 %", "codes", "{:.0f}",
           "90th percentile of what it takes from them.", True),
)  # fmt: skip

FIGURES = MappingProxyType({figure.key: figure for figure in _FIGURES})
"""Every figure by its key, in the order of reports."""
