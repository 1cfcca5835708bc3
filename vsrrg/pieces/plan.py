"""Where a file is cut: right after key frames, so that pieces decode little more than their own frames."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.pieces.index import Index, Key


@dataclass(frozen=True)
class Piece:
    """Frames of a file that one worker derains and encodes."""

    number: int
    start: int
    """Number of its first frame."""
    stop: int
    """Number of the frame after its last."""


@dataclass(frozen=True)
class Plan:
    """How one file is cut."""

    known: StreamFormat
    index: Index
    starts: tuple[int, ...]
    """First frame of each piece."""
    context: int
    """Frames decoded beyond either end of a piece: those that windows need, and at least one as a witness."""

    @property
    def frames(self) -> int:
        return len(self.index.times)

    @property
    def pieces(self) -> list[Piece]:
        ends = pairwise((*self.starts, self.frames))
        return [Piece(number, start, stop) for number, (start, stop) in enumerate(ends)]

    def decoded(self, piece: Piece) -> range:
        """The frames that a piece decodes."""
        return range(max(0, piece.start - self.context), min(self.frames, piece.stop + self.context))

    def seam(self, frame: int) -> range:
        """The frames around a cut that both its pieces decode."""
        return range(frame - self.context, min(self.frames, frame + self.context))

    def to_json(self) -> str:
        """All of it as text."""
        return json.dumps(asdict(self), default=str)


def read_plan(text: str) -> Plan:
    """The plan that `Plan.to_json` wrote; raises ValueError for other texts."""
    try:
        held: dict[str, Any] = json.loads(text)
        known, index = dict(held["known"]), held["index"]
        known |= {name: Fraction(known[name]) for name in ("time_base", "start")}
        keys = tuple(Key(int(key["frame"]), int(key["seek"])) for key in index["keys"])
        times = tuple(map(int, index["times"]))
        read = Index(Fraction(index["time_base"]), int(index["offset"]), times, keys)
        plan = Plan(StreamFormat(**known), read, tuple(map(int, held["starts"])), int(held["context"]))
    except (KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError("this is no plan") from error
    # Numbers of frames, each once and in order; and what is decoded begins within the file.
    places = (*plan.starts, plan.frames)
    if not plan.starts or plan.starts[0] != 0 or any(a >= b for a, b in pairwise(places)) or plan.context < 1:
        raise ValueError("these are no pieces of a file")
    return plan


def choose_starts(index: Index, size: int, context: int) -> tuple[int, ...]:
    """First frames of pieces of about `size` frames.

    A piece begins `context` frames after a key: decoding can then begin at that key and gives no frame too
    many. No piece is shorter than half of `size` or than its context. Where keys are rare, pieces are longer.
    """
    least = max(size // 2, 2 * context + 1)
    places = sorted({key.frame + context for key in index.keys})
    starts = [0]
    while True:
        low = bisect_left(places, starts[-1] + least)
        high = bisect_left(places, len(index.times) - least + 1)
        if low >= high:
            return tuple(starts)
        starts.append(_nearest(places[low:high], starts[-1] + size))


def _nearest(places: Sequence[int], wanted: int) -> int:
    after = bisect_left(places, wanted)
    return min(places[max(0, after - 1) : after + 1], key=lambda place: abs(place - wanted))
