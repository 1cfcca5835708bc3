"""The Derainer: frames of one clip in, derained frames out, as a stream or in any order."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from vsrrg.backends.base import Session
from vsrrg.engine.budget import Budget
from vsrrg.engine.cache import SharedCache
from vsrrg.engine.crew import Caller, Crew, OneAtATime, crew_for
from vsrrg.engine.device_frame import DeviceFrame, given
from vsrrg.engine.filtering import FilteredPipeline
from vsrrg.engine.filters import FrameFilter
from vsrrg.engine.lane import Lanes, lanes_to
from vsrrg.engine.options import (
    Output,
    check_lookahead,
    check_max_memory,
    check_output,
    check_strength,
)
from vsrrg.engine.pipeline import Encoded, Mask, Pipeline, check_kind, kind
from vsrrg.engine.stream import Stream, is_zero
from vsrrg.engine.window import lookback, window
from vsrrg.errors import FormatError, OptionError
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    import torch

SPARE = (12, 4, 0)
"""Encoded frames kept beyond a window and the threads at work, for hosts that ask out of order: the most that
the memory affords.
"""


class Derainer:
    """Derains one clip at a time with an open model.

    `push`, `flush` and `stream` are one stream, for one thread at a time. `frame` is random access to
    one clip, from any number of threads. Both encode each frame once when frames are asked for in order,
    and give the same pixels. Output frames keep the format, colours, pts and cut mark of their source.
    At strength 0 they are their source, bit for bit, and no filter is asked.

    The work runs ahead of a stream: on CPUs several frames are worked on side by side, on a GPU copies and
    computation overlap. So frames come out `lag` pushes after they went in. The threads in `frame` share the
    cores of a CPU, and have CUDA streams of their own on a GPU.

    A `lookahead` is for live use: windows hold no more frames of the future than these, and nothing runs
    ahead, so that each frame comes out with the push that completes its window; at 0 with its own.
    """

    def __init__(
        self,
        session: Session,
        *,
        strength: float = 1.0,
        output: Output = "clean",
        scene_cuts: bool = True,
        max_memory: int | None = None,
        lookahead: int | None = None,
        filters: Sequence[FrameFilter] = (),
        blamed: str | None = None,
        lanes: Lanes | None = None,
        crew: Crew | None = None,
    ) -> None:
        """Take a session and the options of the same names; raises OptionError for values that do not
        exist, and `push` and `frame` do where `max_memory` is too little for the frames. `blamed` is what
        messages call the session where it fails and a plugin is to blame (`Network`). `lanes` are the ways to
        the session's device, `crew` does the work; None takes those that suit it.
        """
        self._strength = check_strength(strength)
        self._budget = Budget(session, check_max_memory(max_memory))
        pipeline = partial(FilteredPipeline, filters=tuple(filters)) if filters else Pipeline
        self._pipeline = pipeline(
            session,
            output=check_output(output),
            scene_cuts=scene_cuts,
            budget=self._budget,
            blamed=blamed,
        )
        self._radius = session.descriptor.radius
        self._live = check_lookahead(lookahead) is not None
        self._lookahead = self._radius if lookahead is None else min(lookahead, self._radius)
        self._lanes = lanes or lanes_to(session.device)
        lane = self._lanes.take()  # The stream's own, as long as there is one.
        weakref.finalize(self, self._lanes.give_back, lane)
        self._ahead = lane.ahead
        self._crew = crew or (Caller() if lane.ahead else crew_for(session.device))
        self._alone = OneAtATime()
        """Does the work where the crew has no room, and where frames must come out at once: all cores then
        share one.
        """
        self._stream = Stream(
            self._pipeline,
            self._radius,
            lane,
            self._alone if self._live else self._crew,
            self._lookahead if self._live else None,
        )
        self._frames: SharedCache[Encoded] = SharedCache(2 * self._radius + 1 + SPARE[0])
        self._cuts: SharedCache[bool] = SharedCache(2 * self._radius + 1 + SPARE[0])

    @property
    def device(self) -> torch.device:
        """Where frames are derained."""
        return self._pipeline.session.device

    @property
    def radius(self) -> int:
        """Frames that the model sees on either side of a frame."""
        return self._radius

    @property
    def lookahead(self) -> int:
        """Frames needed after a frame: the radius, or less in live use."""
        return self._lookahead

    @property
    def lookback(self) -> int:
        """Frames needed before a frame: the radius; live at least 2."""
        return lookback(self._radius, self._lookahead)

    @property
    def lag(self) -> int:
        """Frames that a stream's output lags its input by: the radius, and what is under way; where there is
        memory for no more, the radius alone; in live use, `lookahead`.
        """
        return self._stream.lag

    @property
    def beside(self) -> int:
        """Frames worth asking for side by side in `frame`, from as many threads: as many as the crew takes,
        and two where copies and computation can overlap.
        """
        return self._crew.size if self._crew.size > 1 or not self._ahead else 2

    def push(self, frame: Frame, *, strength: float | np.ndarray[Any, Any] | None = None) -> list[Frame]:
        """Give the next frame of the stream and get the frames that are ready, in order: none or one.

        `strength` is for this frame, instead of the Derainer's: a number in 0..1 or a mask (height,
        width) of such. The planes must not change afterwards. Raises FormatError if the frame differs in
        size or format from the first, OptionError for strengths that do not exist.
        """
        amount = self._strength_of(frame, strength)
        stream = self._stream
        if stream.empty:
            stream.crew = self._alone if self._live else self._crew
            if not self._budget.affords(frame, frames=self._held, at_once=stream.crew.size):
                stream.crew = self._alone
        self._budget.fit(frame, frames=self._held, at_once=stream.crew.size)
        return stream.push(frame, amount)

    @property
    def _held(self) -> int:
        """Frames that a stream holds at most."""
        return self.lookback + self.lag + 1

    def flush(self) -> list[Frame]:
        """End the stream and get its last frames; the next `push` begins another clip."""
        return self._stream.flush()

    def stream(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Derain a whole clip, holding `lookback + lag + 1` frames at a time.

        An abandoned stream leaves nothing behind.
        """
        try:
            for frame in frames:
                yield from self.push(frame)
            yield from self.flush()
        finally:
            self._stream.reset()

    def frame(
        self,
        n: int,
        fetch: Callable[[int], Frame],
        length: int,
        *,
        strength: float | np.ndarray[Any, Any] | None = None,
    ) -> Frame:
        """Derain frame n of a clip of `length` frames.

        `fetch(i)` gives frame i; it is called, in this thread, for n and for those of its neighbours from
        n - lookback to n + lookahead that are not encoded yet. Its planes must not change afterwards. What it
        raises comes out unchanged, and a later call tries again. Encoded frames are kept by their number, so
        one Derainer serves one clip. Raises FormatError and OptionError as `push` does.
        """
        if not 0 <= n < length:
            raise OptionError(
                "no-such-frame", f"frame {n} does not exist: the clip has frames 0 to {length - 1}"
            )
        fetched = fetch(n)
        amount = self._strength_of(fetched, strength)
        # An encoding may come from another thread's lane, so it is held until the result is here.
        held: dict[int, Encoded] = {}
        with self._lanes.borrow() as lane:
            centre = given(fetched, lane)
            if is_zero(amount):
                return self._crew.submit(lambda: self._pipeline.untouched(lane, centre)())()
            crew = self._fit_scattered(centre)

            def encode(i: int) -> Encoded:
                frame = centre if i == n else given(fetch(i), lane)
                return crew.submit(lambda: self._pipeline.encode(lane, frame))()

            def encoded(i: int) -> Encoded:
                if i not in held:
                    held[i] = self._frames.get(i, lambda: encode(i))
                    check_kind(centre, n, kind(held[i].frame), i)
                return held[i]

            def starts_shot(i: int) -> bool:
                return self._cuts.get(i, lambda: self._pipeline.starts_shot(encoded(i - 1), encoded(i)))

            with self._frames.visit(), self._cuts.visit():
                numbers = window(n, self._radius, length, starts_shot, self._lookahead)
                shown = [encoded(i) for i in numbers]
                clean = crew.submit(lambda: self._pipeline.render(lane, centre, shown, amount)())()
                if isinstance(clean, DeviceFrame):
                    lane.drain()  # Nobody has waited for it yet.
                return clean

    def _fit_scattered(self, frame: Frame) -> Crew:
        """Fits the budget to random access, with as many spare frames as there is room for, and says who has
        room to work.
        """
        window = 2 * self._radius + 1
        for crew, spare in [*((self._crew, spare) for spare in SPARE), (self._alone, 0)]:
            if self._budget.affords(frame, frames=window + crew.size + spare, at_once=crew.size):
                break
        self._frames.room = window + spare
        self._budget.fit(frame, frames=window + crew.size + spare, at_once=crew.size)
        return crew

    def _strength_of(self, frame: Frame, strength: float | np.ndarray[Any, Any] | None) -> float | Mask:
        if strength is None:
            return self._strength
        if not isinstance(strength, np.ndarray):
            return check_strength(strength)
        if strength.shape != (frame.height, frame.width):
            raise FormatError(
                "invalid-mask",
                f"the strength mask must be {frame.height, frame.width} (rows, cols), "
                f"but is {strength.shape}",
            )
        mask: Mask = strength.astype(np.float32)
        if not (mask.min() >= 0 and mask.max() <= 1):
            raise OptionError(
                "invalid-mask",
                "the strength mask must hold numbers from 0 (leave alone) to 1 (remove all rain)",
            )
        return mask
