"""Where in a clip it rains: places spread over it, looked at for a moment each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from vsrrg.compare.clips import Clip, Span, read
from vsrrg.compare.figures import cells, rms
from vsrrg.compare.luma import Luma, luma
from vsrrg.engine.scene import Signature, is_cut

PLACES = 8
NOISE = 3.0
"""Codes of excess that are not yet a streak."""


@dataclass(frozen=True)
class Place:
    """A piece of a clip."""

    span: Span
    rain: float
    """Mean over frames of the root mean square by which pixels are brighter than both neighbours in time,
    less NOISE; small bright things in motion count as well.
    """
    cut: bool
    """Whether a new shot begins in it."""


def scout(clip: Clip, seconds: Fraction) -> list[Place]:
    """Pieces of so many seconds, spread evenly over the clip and not overlapping, in their order.

    Those with frames enough to be judged; none where the clip is too short for any.
    """
    length = clip.seconds or seconds
    count = max(1, min(PLACES, int(length / seconds)))
    room = (length - count * seconds) / count
    spans = [
        Span(start, start + seconds)
        for start in (max(Fraction(0), i * (seconds + room) + room / 2) for i in range(count))
    ]
    places = (_look(clip, span) for span in spans)
    return [place for place in places if place is not None]


def _look(clip: Clip, span: Span) -> Place | None:
    last: deque[Luma] = deque(maxlen=3)
    before: Signature | None = None
    excesses: list[float] = []
    cut = False
    for timed in read(clip, span.start):
        if timed.time >= span.end:
            break
        last.append(luma(timed.frame))
        after = cells(last[-1])
        if before is not None and is_cut(before, after):
            cut = True
            last = deque([last[-1]], maxlen=3)
        before = after
        if len(last) == 3:
            excesses.append(excess(*last))
    return Place(span, float(np.mean(excesses)), cut) if excesses else None


def excess(before: Luma, one: Luma, after: Luma) -> float:
    """Root mean square by which pixels are more than NOISE brighter than before and after."""
    return rms(np.maximum(one - np.maximum(before, after) - np.float32(NOISE), 0))


def rainiest(places: list[Place]) -> list[tuple[str, Place]]:
    """The places with most, medium and least rain, as far as there are as many; those without cuts where
    there are enough of them.
    """
    whole = [place for place in places if not place.cut]
    order = sorted(whole if len(whole) >= 3 else places, key=lambda place: -place.rain)
    names = {len(order) // 2: "Medium rain", len(order) - 1: "Least rain", 0: "Most rain"}
    return [(names[i], place) for i, place in enumerate(order) if i in names]
