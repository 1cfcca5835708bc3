"""A clip frame by frame: its last frames, encoded as windows need them, and rendered when these are whole."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial

import numpy as np

from vsrrg.engine.crew import Crew
from vsrrg.engine.device_frame import given
from vsrrg.engine.lane import Lane, Later
from vsrrg.engine.pipeline import Encoded, Mask, Pipeline, check_kind, kind
from vsrrg.engine.window import lookback, window
from vsrrg.video.frame import Frame


@dataclass(eq=False)
class _Slot:
    frame: Frame
    strength: float | Mask
    encoded: Later[Encoded] | None = None
    starts_shot: bool | None = None


class Stream:
    """The last 2 * radius + 1 frames of a clip, and where the work runs ahead a few more.

    There, on lanes that do (`Lane.ahead`) or with a crew of several, a frame comes out later: its neighbours
    were encoded a push before it is rendered, so that they are there by then, and it is itself rendered some
    pushes before it is waited for.

    A `lookahead` is for live use: no window sees more frames after its own than these, and nothing runs
    ahead.
    """

    def __init__(
        self, pipeline: Pipeline, radius: int, lane: Lane, crew: Crew, lookahead: int | None = None
    ) -> None:
        self._pipeline = pipeline
        self._radius = radius
        self._live = lookahead is not None
        self._lookahead = radius if lookahead is None else lookahead
        self._lookback = lookback(radius, self._lookahead)
        self._lane = lane
        self.crew = crew
        """May be another one as long as the stream is empty."""
        self.reset()

    @property
    def empty(self) -> bool:
        """Whether a clip begins with the next frame."""
        return not self._slots

    @property
    def lag(self) -> int:
        """Frames to push before the first comes out, beside that one."""
        return self._lookahead + self._early + self._under_way

    @property
    def _early(self) -> int:
        """Pushes between a frame's encoding and its rendering."""
        return 0 if self._live else self._lane.ahead or int(self.crew.size > 1)

    @property
    def _under_way(self) -> int:
        """Rendered frames that are not waited for."""
        return 0 if self._live else self._lane.ahead or (self.crew.size if self.crew.size > 1 else 0)

    def reset(self) -> None:
        """Forgets the clip."""
        self._slots: deque[_Slot] = deque()
        self._first = 0
        """Number, within the clip, of the frame in the first slot."""
        self._next = 0
        """Number of the next frame to render."""
        self._rendered: deque[Later[Frame]] = deque()

    def push(self, frame: Frame, strength: float | Mask) -> list[Frame]:
        """See `Derainer.push`."""
        if self._slots:
            check_kind(self._slots[-1].frame, self._pushed - 1, kind(frame), self._pushed)
        self._slots.append(_Slot(given(frame, self._lane), strength))
        whole = self._pushed - self._lookahead
        if self._early and whole > 0:
            self._encode_window(whole - 1)
        self._render_until(whole - self._early)
        return self._hand_out(self._under_way)

    def flush(self) -> list[Frame]:
        """See `Derainer.flush`."""
        try:
            self._render_until(self._pushed)
            return self._hand_out(0)
        finally:
            self.reset()

    @property
    def _pushed(self) -> int:
        return self._first + len(self._slots)

    def _render_until(self, end: int) -> None:
        while self._next < end:
            self._rendered.append(self._render(self._next))
            self._next += 1
            while self._first < self._next - self._lookback:
                self._slots.popleft()
                self._first += 1

    def _hand_out(self, keep: int) -> list[Frame]:
        return [self._rendered.popleft()() for _ in range(len(self._rendered) - keep)]

    def _render(self, n: int) -> Later[Frame]:
        slot = self._slots[n - self._first]
        if is_zero(slot.strength):
            made = self.crew.submit(partial(self._pipeline.untouched, self._lane, slot.frame))
        else:
            made = self.crew.submit(partial(self._render_window, n, self._encode_window(n), self._pushed))
        return lambda: made()()

    def _encode_window(self, n: int) -> dict[int, _Slot]:
        """The frames that the window of frame n may hold, which are being encoded if any rain is to go."""
        numbers = range(max(0, n - self._lookback), min(n + self._lookahead + 1, self._pushed))
        slots = {i: self._slots[i - self._first] for i in numbers}
        if not is_zero(slots[n].strength):
            for slot in slots.values():
                if slot.encoded is None:
                    slot.encoded = self.crew.submit(partial(self._pipeline.encode, self._lane, slot.frame))
        return slots

    def _render_window(self, n: int, slots: dict[int, _Slot], length: int) -> Later[Frame]:
        def encoded(i: int) -> Encoded:
            later = slots[i].encoded
            assert later is not None
            return later()

        def starts_shot(i: int) -> bool:
            slot = slots[i]
            if slot.starts_shot is None:
                slot.starts_shot = self._pipeline.starts_shot(encoded(i - 1), encoded(i))
            return slot.starts_shot

        numbers = window(n, self._radius, length, starts_shot, self._lookahead)
        slot = slots[n]
        return self._pipeline.render(self._lane, slot.frame, [encoded(i) for i in numbers], slot.strength)


def is_zero(strength: float | Mask) -> bool:
    """Whether nothing is to be removed."""
    return not np.any(strength)
