"""Filters: what else may be done to frames and their rain, beside what the network does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vsrrg.errors import OptionError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from vsrrg.video.format import PixelFormat
    from vsrrg.video.frame import Frame


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """What a filter may look at. Nobody can write to its planes."""

    source: Frame
    """The frame as it came."""
    frames: tuple[Frame, ...]
    """The 2 * radius + 1 frames of its window as the network saw them, after `FrameFilter.before`, its own in
    the middle. Where neighbours are missing or of another shot, other frames of the shot stand in.
    """
    strength: float | np.ndarray[Any, np.dtype[np.float32]]
    """Share of the rain to remove: a number in 0..1, or a mask (height, width) of such."""

    @property
    def format(self) -> PixelFormat:
        """The pixel format of all these frames."""
        return self.source.format


@dataclass(frozen=True, kw_only=True)
class FrameFilter:
    """Up to three functions, each for another point on the way of a frame.

    They must depend on their arguments alone, and not write to them: they are called in any order, from
    several threads at once, and perhaps again for the same frame. At strength 0 a frame stays as it is, and
    no filter is asked. Raises OptionError if there is none of the three.
    """

    name: str = "a filter"
    """What messages call it; those that a plugin makes are named by vsrrg."""
    before: Callable[[Frame], Frame] | None = None
    """What the network sees instead of a frame: same format, size, colours, pts and cut mark, and finite
    where that is. Rain is subtracted from the source all the same, so that what has none stays as it was.
    Called once a frame.
    """
    rain: Callable[[Tensor, View], Tensor] | None = None
    """Another rain layer instead of the one that was found: finite float32 (6, ceil(height / 2),
    ceil(width / 2)) on the session's device, channels and units as those of `vsrrg.kernels.pack`. Strength
    is applied to what it returns; where that is 0, the frame stays as it is. Called in torch's inference
    mode, on CUDA with the stream that the work belongs to as the current one.
    """
    after: Callable[[Frame, View], Frame] | None = None
    """Another frame instead of the derained one, of the same kind as there. Not called for `output="rain"`,
    which shows the layer that was removed, after `rain`.
    """

    def __post_init__(self) -> None:
        steps = {name: getattr(self, name) for name in ("before", "rain", "after")}
        for name, step in steps.items():
            if step is not None and not callable(step):
                raise OptionError("invalid-filter", f"{name} of {self.name} must be a function, not {step!r}")
        if not any(steps.values()):
            raise OptionError(
                "invalid-filter", f"{self.name} does nothing: give it a function before, rain or after"
            )
