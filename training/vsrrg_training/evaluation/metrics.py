"""Figures of merit, summed over the frames of a clip of 8-bit 4:2:0 planes."""

import math
from dataclasses import dataclass, field
from typing import SupportsFloat

import numpy as np

from vsrrg_training.data.yuv import Plane, Planes, rgb_from_planes

FIGURES = (
    "psnr_y",
    "psnr_rgb",
    "ssim",
    "removed",
    "damage_codes",
    "damage_psnr",
    "psnr_to_input",
)
"""What `ClipMeter` measures."""
RAINY_CODES = 3
"""Luma codes from which a difference between rainy and clean is rain; one code or none is a clean pixel."""
SMALLEST = 11
"""Rows and columns below which SSIM's window does not fit."""
PSNR_CAP = 100.0
"""PSNR (dB) reported for identical pictures."""


def psnr(squared_error: float, count: float) -> float:
    """PSNR in dB, peak 255, of a sum of squared errors over `count` samples."""
    if squared_error <= 0 or count <= 0:
        return PSNR_CAP
    return min(PSNR_CAP, 10 * math.log10(255**2 * count / squared_error))


def ssim(first: Plane, second: Plane) -> float:
    """SSIM (Wang et al., 2004) of two 8-bit planes (H, W), or its mean over those of pictures (H, W, C).

    The window is a Gaussian of 11x11 (sigma 1.5) and stays inside the frame.
    """
    from skimage.metrics import structural_similarity

    score = structural_similarity(  # type: ignore[no-untyped-call]
        first,
        second,
        data_range=255,
        channel_axis=2 if first.ndim == 3 else None,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return float(score)


@dataclass
class ClipMeter:
    """Compares outputs with the clean clip and with the rainy input.

    PSNR is that of the error pooled over all frames, peak 255. Rain removed is the share of the squared rain
    on rainy pixels that is gone. Damage is what the output changed on pixels without rain, in luma codes and
    as PSNR.
    """

    ssim_every: int = 4
    """Frames between two measurements of SSIM, which is slow; 0 leaves it out."""
    frames: int = 0
    _sums: dict[str, float] = field(default_factory=dict)

    def add(self, rainy: Planes, clean: Planes, output: Planes) -> None:
        """Add one frame."""
        source, truth, result = (planes[0].astype(np.int32) for planes in (rainy, clean, output))
        rain, error, change = np.abs(source - truth), result - truth, np.abs(result - source)
        wet, dry = rain >= RAINY_CODES, rain <= 1
        self._add("y_error", (error**2).sum())
        self._add("y_count", error.size)
        rgb_error = rgb_from_planes(output).astype(np.int32) - rgb_from_planes(clean)
        self._add("rgb_error", (rgb_error**2).sum())
        self._add("rgb_count", rgb_error.size)
        self._add("wet_rain", (rain[wet] ** 2).sum())
        self._add("wet_error", (error[wet] ** 2).sum())
        self._add("dry_change", change[dry].sum())
        self._add("dry_error", (change[dry] ** 2).sum())
        self._add("dry_count", dry.sum())
        self._add("same_error", (change**2).sum())
        if self.ssim_every and self.frames % self.ssim_every == 0:
            self._add("ssim", ssim(output[0], clean[0]))
            self._add("ssim_count", 1)
        self.frames += 1

    def figures(self) -> dict[str, float]:
        """The figures of the frames so far; those that do not apply (no rain, no SSIM) are left out."""
        sums = self._sums
        figures = {
            "psnr_y": psnr(sums["y_error"], sums["y_count"]),
            "psnr_rgb": psnr(sums["rgb_error"], sums["rgb_count"]),
            "psnr_to_input": psnr(sums["same_error"], sums["y_count"]),
            "damage_psnr": psnr(sums["dry_error"], sums["dry_count"]),
            "damage_codes": sums["dry_change"] / max(sums["dry_count"], 1),
        }
        if sums["wet_rain"]:
            figures["removed"] = 1 - sums["wet_error"] / sums["wet_rain"]
        if sums.get("ssim_count"):
            figures["ssim"] = sums["ssim"] / sums["ssim_count"]
        return figures

    def _add(self, name: str, value: SupportsFloat) -> None:
        self._sums[name] = self._sums.get(name, 0.0) + float(value)
