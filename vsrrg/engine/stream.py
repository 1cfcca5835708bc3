"""A clip frame by frame: its last frames, encoded as windows need them, and rendered when these are whole."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from vsrrg.engine.lane import Lane, Later
from vsrrg.engine.pipeline import Encoded, Mask, Pipeline, check_kind, kind
from vsrrg.engine.window import window
from vsrrg.video.frame import Frame


@dataclass(eq=False)
class _Slot:
    frame: Frame
    strength: float | Mask
    encoded: Encoded | None = None
    starts_shot: bool | None = None


class Stream:
    """The last 2 * radius + 1 frames of a clip, and on lanes that run ahead (`Lane.ahead`) as many more.

    There, a frame comes out two times `ahead` pushes later: its neighbours were encoded `ahead` pushes before
    it is rendered, so that what they look like has long arrived when cuts are looked for, and it is itself
    rendered `ahead` pushes before it is waited for.
    """

    def __init__(self, pipeline: Pipeline, radius: int, lane: Lane) -> None:
        self._pipeline = pipeline
        self._radius = radius
        self._lane = lane
        self.reset()

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
        self._slots.append(_Slot(frame, strength))
        whole = self._pushed - self._radius
        if self._lane.ahead and whole > 0:
            self._encode_window(whole - 1)
        self._render_until(whole - self._lane.ahead)
        return self._hand_out(self._lane.ahead)

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
            while self._first < self._next - self._radius:
                self._slots.popleft()
                self._first += 1

    def _hand_out(self, keep: int) -> list[Frame]:
        return [self._rendered.popleft()() for _ in range(len(self._rendered) - keep)]

    def _render(self, n: int) -> Later[Frame]:
        slot = self._slots[n - self._first]
        if is_zero(slot.strength):
            return self._pipeline.untouched(self._lane, slot.frame)
        numbers = window(n, self._radius, self._pushed, self._starts_shot)
        encoded = [self._encoded(i) for i in numbers]
        return self._pipeline.render(self._lane, slot.frame, encoded, slot.strength)

    def _encode_window(self, n: int) -> None:
        if not is_zero(self._slots[n - self._first].strength):
            for i in range(max(0, n - self._radius), n + self._radius + 1):
                self._encoded(i)

    def _encoded(self, i: int) -> Encoded:
        slot = self._slots[i - self._first]
        if slot.encoded is None:
            slot.encoded = self._pipeline.encode(self._lane, slot.frame)
        return slot.encoded

    def _starts_shot(self, i: int) -> bool:
        slot = self._slots[i - self._first]
        if slot.starts_shot is None:
            slot.starts_shot = self._pipeline.starts_shot(self._encoded(i - 1), self._encoded(i))
        return slot.starts_shot


def is_zero(strength: float | Mask) -> bool:
    """Whether nothing is to be removed."""
    return not np.any(strength)
