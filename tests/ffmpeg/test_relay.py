"""The relay ends when writing fails, whatever reading does."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from vsrrg.ffmpeg.relay import relay
from vsrrg.video import ColorSpec, Frame, PixelFormat

FRAME = Frame(
    (np.zeros((2, 4), np.uint8),), PixelFormat("gray", 8, "integer", 0, 0), ColorSpec("bt709", "full")
)


class Broken:
    """A sink whose reader has gone."""

    def write(self, frame: Frame) -> None:
        raise BrokenPipeError("gone")

    def close(self) -> None:
        raise AssertionError("a broken sink is left alone")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("frames", [1, 3, 50])
def test_a_source_that_hangs_does_not_keep_a_broken_sink(frames: int) -> None:
    never = threading.Event()

    def source() -> Iterator[Frame]:
        for _ in range(frames):
            yield FRAME
        never.wait()

    def same(read: Iterable[Frame]) -> Iterator[Frame]:
        yield from read

    with pytest.raises(BrokenPipeError, match="gone"):
        relay(source(), same, Broken)
    never.set()


def test_work_that_refuses_the_frames_opens_no_sink() -> None:
    def refuse(read: Iterable[Frame]) -> Iterator[Frame]:
        next(iter(read))
        raise ValueError("too large")
        yield

    def open_sink() -> Broken:
        raise AssertionError("there is nothing to write")

    with pytest.raises(ValueError, match="too large"):
        relay([FRAME] * 9, refuse, open_sink)


def test_a_stream_without_frames_is_opened_and_closed() -> None:
    sinks = []

    class Sink(Broken):
        def close(self) -> None:
            sinks.append(self)

    assert relay([], iter, Sink) == 0
    assert len(sinks) == 1
