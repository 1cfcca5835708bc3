"""Frames through a function, with reading, working and writing side by side."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from vsrrg.video.frame import Frame, Work

DEPTH = 3
"""Frames that may wait before the work, and as many behind it."""


class Sink(Protocol):
    """Where frames go."""

    def write(self, frame: Frame) -> None: ...

    def close(self) -> None: ...


def relay(
    frames: Iterable[Frame],
    work: Work,
    open_sink: Callable[[], Sink],
    done: Callable[[int], None] | None = None,
) -> int:
    """Write to a sink what `work` makes of the frames, and close it; returns the number of frames.

    One thread reads, one writes, this one works; no more than a few frames wait between them. The sink is
    opened when the first frame is there, or the end, so that work which refuses all frames writes no header.
    Whatever fails raises here, after all frames that came before it were written; reading that hangs is left
    behind in a daemon thread. `done` is told the count after each frame.
    """
    stop = threading.Event()
    source = _Reader(frames, stop)
    writer = _Writer(open_sink, stop)
    count = 0
    try:
        for frame in work(source):
            writer.put(frame)
            count += 1
            if done is not None:
                done(count)
        writer.finish()
        if source.error is not None:
            raise source.error
        return count
    finally:
        stop.set()
        writer.stop()


class _Reader:
    """Iterates the frames in a thread of its own; where reading fails they end, and `error` says why."""

    def __init__(self, frames: Iterable[Frame], stop: threading.Event) -> None:
        self.error: Exception | None = None
        self._frames = frames
        self._stop = stop
        self._queue: queue.Queue[Frame | None] = queue.Queue(DEPTH)
        threading.Thread(target=self._run, daemon=True, name="frames-in").start()

    def _run(self) -> None:
        try:
            for frame in self._frames:
                if not _put(self._queue, frame, self._stop):
                    return
        except Exception as error:
            self.error = error
        _put(self._queue, None, self._stop)

    def __iter__(self) -> Iterator[Frame]:
        # Once writing has failed nothing more may come: the thread has ended, or hangs in reading.
        while not self._stop.is_set():
            try:
                frame = self._queue.get(timeout=0.1)
            except queue.Empty:
                continue
            if frame is None:
                return
            yield frame


class _Writer:
    """Writes frames in a thread of its own."""

    def __init__(self, open_sink: Callable[[], Sink], stop: threading.Event) -> None:
        self._open_sink = open_sink
        self._stop = stop
        self._error: Exception | None = None
        self._queue: queue.Queue[Frame | None] = queue.Queue(DEPTH)
        self._thread = threading.Thread(target=self._run, daemon=True, name="frames-out")
        self._thread.start()

    def _run(self) -> None:
        frame = self._queue.get()
        if frame is None and self._stop.is_set():
            return
        try:
            sink = self._open_sink()
            while frame is not None:
                sink.write(frame)
                frame = self._queue.get()
            if not self._stop.is_set():
                sink.close()
        except Exception as error:
            self._error = error
            self._stop.set()

    def put(self, frame: Frame | None) -> None:
        """Hand over a frame; raises what failed in the thread."""
        if not _put(self._queue, frame, self._stop) and self._error is not None:
            raise self._error

    def finish(self) -> None:
        """Wait until all is written and the sink is closed."""
        self.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End the thread without writing what waits."""
        while self._thread.is_alive():
            try:
                self._queue.get_nowait()
            except queue.Empty:
                break
        if self._thread.is_alive():
            self._queue.put_nowait(None)


def _put(waiting: queue.Queue[Frame | None], frame: Frame | None, stop: threading.Event) -> bool:
    """Put unless stopped; tells whether the frame was put."""
    while not stop.is_set():
        try:
            waiting.put(frame, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
