"""Times frames on their way through a stream."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from vsrrg.bench.case import LEAST, MOST, Effort
from vsrrg.video.frame import Frame, Work


@dataclass(frozen=True)
class Pass:
    """One pass of a clip."""

    seconds: float
    """Seconds a frame: those of the whole pass over its frames."""
    first: float
    """Seconds until the first frame was back."""


def play(work: Work, frames: Sequence[Frame]) -> Pass:
    """Sends the frames through and drops what comes out."""
    first = 0.0
    began = time.perf_counter()
    for _ in work(frames):
        first = first or time.perf_counter() - began
    return Pass((time.perf_counter() - began) / len(frames), first)


def pass_length(effort: Effort, seconds: float) -> int:
    """Frames of a pass, if a frame takes so many seconds."""
    if effort.frames is not None:
        return effort.frames
    return min(max(round(effort.seconds / seconds), LEAST), MOST)
