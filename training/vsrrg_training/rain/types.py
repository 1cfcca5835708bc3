"""Kinds of rain, each a box of parameter ranges from which one clip's rain is drawn.

Lengths and widths are in pixels of a frame 640 pixels wide; densities are streaks per megapixel and
frame. The boxes overlap on purpose and are wider than the rain measured in published clips (median
streak 18 px long, cross-section of sigma 0.64 px, about 1,100 streaks per megapixel, alpha about 0.1
toward a light above white).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from vsrrg_training.rain.layer import LayerMaker
from vsrrg_training.rain.noise import sheets
from vsrrg_training.registry import checked_name

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Chances, 0..1, of what rain of any type may look like in a clip."""

    hard: float = 0.15
    """Ends of streaks that do not fade."""
    comet: float = 0.15
    """Streaks with one end brighter than the other."""
    flat: float = 0.06
    """Streaks flat across, with a visible edge."""
    bars: float = 0.08
    """A few wide translucent bars before the rain."""
    smears: float = 0.08
    """A few near drops before the rain, long, wide and faint, as a slow shutter shows them."""
    noise: float = 0.06
    """A layer made as image editors make rain, of blurred noise, instead of drops."""
    tiles: float = 0.05
    """One drawn texture of streaks, shown shifted from frame to frame."""
    enlarged: float = 0.06
    """A layer drawn 1.2 to 2 times smaller and enlarged."""
    overlay: float = 0.15
    """Joined with the scene by an editor's addition, screen or lighten instead of as light."""
    bright: float = 0.08
    """Streaks more opaque and lighter."""
    edited: float = 0.6
    """In a single picture, the chance of such a join, and of noise in place of drops: so most published
    pictures were made, and nothing else in them tells what belongs to the rain.
    """
    low: float = 0.03
    """The rain's light is below that of the scene's bright parts."""
    dark: float = 0.04
    """Some streaks darker than their surroundings."""
    splashes: float = 0.1
    """Crowns and spatter on the ground."""
    gusts: float = 0.2
    """Direction and density change within the clip."""
    patches: float = 0.15
    """Rain denser in one part of the frame than in another."""


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
    """Absolute angle from the vertical in degrees, oftener near the lower end; the sign is drawn."""
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
    looks: Looks = Looks()
    """Chances of what is common to all types."""
    layer: LayerMaker | None = None
    """Makes the rain layer in place of the drops; the ranges of streaks then have no effect unless it reads
    them.
    """

    def __post_init__(self) -> None:
        """Raises ValueError, in one sentence, for a type that cannot be drawn."""
        checked_name(self.name, "rain type")
        for field, (least, most) in _LIMITS.items():
            value = getattr(self, field)
            if not _is_range(value, least, most):
                raise ValueError(
                    f"rain type {self.name!r}: {field} is {value!r}; it must be (low, high) with "
                    f"{least:g} <= low <= high <= {most:g}"
                )
        chances = {field.name: getattr(self.looks, field.name) for field in fields(self.looks)}
        for field, value in {"background": self.background, "foreground": self.foreground, **chances}.items():
            if not 0 <= value <= 1:
                raise ValueError(f"rain type {self.name!r}: the chance {field} is {value!r}, outside 0..1")
        if self.layer is not None and not callable(self.layer):
            raise ValueError(f"rain type {self.name!r}: layer is {self.layer!r}; it must be callable")


_LIMITS: Mapping[str, Range] = MappingProxyType(
    {
        "density": (1e-3, 1e6),
        "length": (1.0, 1e4),
        "sigma": (0.05, 8.8),
        "alpha": (1e-3, 1.0),
        "angle": (0.0, 90.0),
        "angle_spread": (0.0, 90.0),
        "depth_ratio": (1.0, 1e3),
        "veil": (0.0, 1.0),
    }
)
"""What a type's ranges must lie within; those drawn by logarithm need a lower end above 0."""


def _is_range(value: object, least: float, most: float) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(end, int | float) for end in value)
        and least <= value[0] <= value[1] <= most
    )


_TYPES = (
    RainType(
        name="light",
        description="sparse, thin, short streaks",
        density=(700, 6000),
        length=(6, 36),
        sigma=(0.4, 0.85),
        alpha=(0.1, 0.7),
        angle=(0, 12),
    ),
    RainType(
        name="heavy",
        description="many streaks of all sizes",
        density=(2500, 14000),
        length=(10, 45),
        sigma=(0.35, 1.2),
        alpha=(0.08, 0.65),
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
        alpha=(0.06, 0.5),
        angle=(0, 20),
        angle_spread=(0.3, 4.0),
        background=0.3,
        looks=Looks(smears=0.25),
    ),
    RainType(
        name="dense",
        description="dense fine rain with a veil",
        density=(8000, 50000),
        length=(4, 18),
        sigma=(0.36, 0.75),
        alpha=(0.07, 0.5),
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
        alpha=(0.08, 0.6),
        angle=(20, 70),
        angle_spread=(1.0, 9.0),
        background=0.4,
    ),
    RainType(
        name="defocus",
        description="near drops out of focus before ordinary rain",
        density=(200, 2500),
        length=(5, 60),
        sigma=(1.0, 6.0),
        alpha=(0.07, 0.5),
        angle=(0, 20),
        depth_ratio=(1.5, 3.0),
        background=0.8,
        foreground=0.0,
        looks=Looks(smears=0.25),
    ),
    RainType(
        name="night",
        description="lamp-lit streaks before a dark scene",
        density=(800, 8000),
        length=(8, 60),
        sigma=(0.4, 1.2),
        alpha=(0.1, 0.7),
        angle=(0, 25),
        night=True,
        background=0.4,
    ),
    RainType(
        name="bars",
        description="flat, hard-edged streaks, as composited by editors",
        density=(250, 3000),
        length=(10, 90),
        sigma=(0.35, 2.6),
        alpha=(0.07, 0.6),
        angle=(0, 25),
        angle_spread=(0.3, 5.0),
        depth_ratio=(1.2, 5.0),
        background=0.5,
        looks=Looks(flat=1.0, bars=0.5, noise=0.0),
    ),
    RainType(
        name="sheets",
        description="so many long streaks that they merge into a moving texture",
        density=(20000, 200000),
        length=(35, 220),
        sigma=(0.4, 1.5),
        alpha=(0.05, 0.35),
        angle=(0, 30),
        veil=(0.0, 0.25),
        background=0.0,
        looks=Looks(bright=0.0),
        layer=sheets,
    ),
)

TYPES: Mapping[str, RainType] = MappingProxyType({kind.name: kind for kind in _TYPES})
"""The generator's own kinds of rain by name; `registry.rain_types` has those of plugins too."""
