"""Remove rain streaks from video, in VapourSynth, in ffmpeg and from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

__version__ = "0.1.0"
__all__ = ["__version__", "derain"]
