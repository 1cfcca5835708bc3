"""Kinds of rain, each a box of parameter ranges from which one clip's rain is drawn.

Lengths and widths are in pixels of a frame 640 pixels wide; densities are streaks per megapixel and
frame. The boxes overlap on purpose and are wider than the rain measured in published clips (median
streak 18 px long, cross-section of sigma 0.64 px, about 1,100 streaks per megapixel, alpha about 0.1
toward a light above white).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class RainType:
    """Ranges of one kind of rain; a clip draws each value once, a streak scatters around it."""

    name: str
    """Short name, as used in reports and configuration files."""
    description: str
    """One line for people."""
    density: Range
    """Visible streaks per megapixel and frame (log-uniform)."""
    length: Range
    """Median streak length in pixels (log-uniform)."""
    sigma: Range
    """Gaussian cross-section of the nearest streaks in pixels (log-uniform)."""
    alpha: Range
    """Median opacity of a streak's centre line, 0..1 (log-uniform)."""
    angle: Range
    """Absolute angle from the vertical in degrees; the sign is drawn."""
    angle_spread: Range = (0.5, 6.0)
    """Standard deviation of the angle among a clip's streaks, in degrees."""
    depth_ratio: Range = (1.5, 6.0)
    """Distance of the farthest streaks over that of the nearest."""
    veil: Range = (0.0, 0.0)
    """Share of the scene's light replaced by fog, 0..1."""
    night: bool = False
    """Whether the scene is darkened and lit by lamps."""
    background: float = 0.2
    """Chance that a second, fainter and denser population of distant streaks falls behind the first."""
    foreground: float = 0.3
    """Chance that a few near drops, short and fat, fall before the first."""


_TYPES = (
    RainType(
        name="light",
        description="sparse, thin, short streaks",
        density=(700, 6000),
        length=(6, 36),
        sigma=(0.4, 0.85),
        alpha=(0.15, 0.7),
        angle=(0, 12),
    ),
    RainType(
        name="heavy",
        description="many streaks of all sizes",
        density=(2500, 14000),
        length=(10, 45),
        sigma=(0.35, 1.2),
        alpha=(0.14, 0.7),
        angle=(0, 20),
        veil=(0.0, 0.15),
        background=0.5,
    ),
    RainType(
        name="long",
        description="long streaks of a slow shutter",
        density=(400, 3500),
        length=(40, 170),
        sigma=(0.4, 2.4),
        alpha=(0.1, 0.55),
        angle=(0, 20),
        angle_spread=(0.3, 4.0),
        background=0.3,
    ),
    RainType(
        name="dense",
        description="dense fine rain with a veil",
        density=(8000, 50000),
        length=(4, 18),
        sigma=(0.36, 0.75),
        alpha=(0.1, 0.5),
        angle=(0, 20),
        depth_ratio=(1.2, 3.0),
        veil=(0.05, 0.35),
        background=0.0,
    ),
    RainType(
        name="oblique",
        description="wind-driven, far from the vertical",
        density=(800, 8000),
        length=(10, 70),
        sigma=(0.4, 1.2),
        alpha=(0.14, 0.65),
        angle=(18, 60),
        angle_spread=(1.0, 9.0),
        background=0.4,
    ),
    RainType(
        name="defocus",
        description="near drops out of focus before ordinary rain",
        density=(200, 2500),
        length=(5, 60),
        sigma=(1.0, 6.0),
        alpha=(0.1, 0.5),
        angle=(0, 20),
        depth_ratio=(1.5, 3.0),
        background=0.8,
        foreground=0.0,
    ),
    RainType(
        name="night",
        description="lamp-lit streaks before a dark scene",
        density=(800, 8000),
        length=(8, 60),
        sigma=(0.4, 1.2),
        alpha=(0.15, 0.7),
        angle=(0, 25),
        night=True,
        background=0.4,
    ),
)

TYPES: Mapping[str, RainType] = MappingProxyType({kind.name: kind for kind in _TYPES})
"""Every kind of rain by name."""
