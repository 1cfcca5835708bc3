"""How much memory the engine may take, who gets it, and what happens where it does not suffice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from vsrrg.backends.base import BoundedSession, Session
from vsrrg.engine.free_memory import free_memory
from vsrrg.errors import OptionError, OutOfMemoryError
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    from vsrrg.models.memory import Memory

log = logging.getLogger(__name__)

SHARE = 0.6
"""Of what is free: the rest is for what else the host does, and for what nobody can foresee."""
WORDS = ("out of memory", "allocate memory", "not enough memory", "alloc_failed")
"""How torch and its libraries say that memory ran out."""
_HOPELESS = 1 << 24
"""Bytes: to try with less is no use, where a model does not tell what it needs."""


@dataclass(frozen=True)
class _Need:
    """What decides how the memory is shared out."""

    format: PixelFormat
    width: int
    height: int
    frames: int
    """Frames that are held at once."""
    at_once: int
    """Frames that are worked on at once."""

    @property
    def planes(self) -> int:
        """Bytes of the planes of these frames, and of those that come out."""
        shapes = (self.format.plane_shape(i, self.width, self.height) for i in range(self.format.planes))
        samples = sum(rows * columns for rows, columns in shapes)
        return samples * self.format.dtype.itemsize * (self.frames + self.at_once)


class Budget:
    """The memory of one Derainer. Threads may share it."""

    def __init__(self, session: Session, max_memory: int | None = None) -> None:
        """Take the session and the bytes that the engine may take; None: a share of what is free when the
        first frame comes.
        """
        self._session = session
        self._max_memory = max_memory
        self._free: int | None = None
        """Bytes that were free when the first frame came."""
        self._need: _Need | None = None
        self._lock = Lock()

    def fit(self, frame: Frame, *, frames: int, at_once: int) -> None:
        """Shares the memory out for frames of this kind, if that is new: `frames` of them are held and
        `at_once` worked on.

        Raises:
            OptionError: `max_memory` is less than the least that these need.
        """
        need = _Need(frame.format, frame.width, frame.height, frames, at_once)
        if need == self._need:
            return
        with self._lock:
            limit = self._limit()
            if limit is not None and isinstance(self._session, BoundedSession):
                from vsrrg.models.memory import Memory

                least = self._least(need) + need.planes
                if self._max_memory is not None and limit < least:
                    raise OptionError(
                        "memory-limit-too-small",
                        f"max_memory is {readable(limit)}, but model {self._session.descriptor.name!r} "
                        f"needs at least {readable(least)} for frames of {need.width}x{need.height}: "
                        "allow as much, or choose a smaller model or size",
                    )
                left = max(limit - need.planes, self._least(need))
                self._session.memory = Memory(bytes=left, frames=frames, at_once=at_once)
            self._need = need
            log.info(
                "memory: %s for %d frames of %dx%d %s held, %d of them worked on at once",
                "no limit" if limit is None else f"{readable(limit)} at most",
                frames,
                need.width,
                need.height,
                need.format.name,
                at_once,
            )

    def affords(self, frame: Frame, *, frames: int, at_once: int) -> bool:
        """Whether so many frames of this kind can be held and worked on, be it in the smallest bands."""
        if not isinstance(self._session, BoundedSession) or (limit := self._limit()) is None:
            return True
        need = _Need(frame.format, frame.width, frame.height, frames, at_once)
        return self._least(need) + need.planes <= limit

    def attempt[T](self, call: Callable[[], T]) -> T:
        """What the call makes. Where it runs out of memory, it is done again with half as much, as long as
        that helps.

        Raises:
            OutOfMemoryError: it does not help any more.
        """
        while True:
            before = self._session.memory if isinstance(self._session, BoundedSession) else None
            try:
                return call()
            except (MemoryError, RuntimeError) as error:
                if isinstance(error, OutOfMemoryError) or not is_shortage(error):
                    raise
                reason = " ".join(str(error).split())[:200]
            # Here the error is gone, and with it the tensors that its traceback held.
            if not self._shrink(before):
                raise OutOfMemoryError("out-of-memory", self._refusal(reason))

    def _shrink(self, before: Memory | None) -> bool:
        """Halves the session's memory, unless another thread just did; False where it is at its least."""
        need, session = self._need, self._session
        with self._lock:
            if before is None or need is None or not isinstance(session, BoundedSession):
                return False
            if session.memory is before:
                least = max(self._least(need), _HOPELESS)
                if before.bytes <= least:
                    return False
                session.memory = replace(before, bytes=max(before.bytes // 2, least))
                log.warning(
                    "memory ran out on %s: going on with %s", session.device, readable(session.memory.bytes)
                )
        if session.device.type == "cuda":
            import torch

            torch.cuda.empty_cache()
        return True

    def _limit(self) -> int | None:
        """Bytes that the engine may take; None where there is no telling."""
        if self._max_memory is not None:
            return self._max_memory
        if self._free is None:
            self._free = free_memory(self._session.device)
        return None if self._free is None else int(SHARE * self._free)

    def _least(self, need: _Need) -> int:
        assert isinstance(self._session, BoundedSession)
        multiple = self._session.descriptor.multiple
        height, width = (-(-length // (2 * multiple)) * multiple for length in (need.height, need.width))
        return self._session.least_memory(height, width, frames=need.frames, at_once=need.at_once)

    def _refusal(self, reason: str) -> str:
        need, session = self._need, self._session
        what = f"memory ran out on {session.device}"
        if need is not None and isinstance(session, BoundedSession) and (least := self._least(need)):
            what += f": model {session.descriptor.name!r} takes at least {readable(least + need.planes)} "
            what += f"for frames of {need.width}x{need.height}"
        elsewhere = ", or the CPU (device='cpu', --device cpu)" if session.device.type != "cpu" else ""
        return f"{what}; free some, or choose a smaller model or size{elsewhere} ({reason})"


def is_shortage(error: BaseException) -> bool:
    """Whether this says that memory ran out."""
    if not isinstance(error, MemoryError | RuntimeError):
        return False
    text = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or any(word in text for word in WORDS)
    )


def readable(count: int) -> str:
    """Bytes as `--max-memory` takes them, rounded up: "1.6G", "340M"."""
    for unit, size in (("G", 2**30), ("M", 2**20)):
        if count >= size:
            tenths = -(-10 * count // size)
            return f"{tenths / 10:.1f}{unit}" if tenths < 100 else f"{-(-count // size)}{unit}"
    return f"{-(-count // 2**10)}K"
