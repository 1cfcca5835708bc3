"""Runs a cut graph: ffmpeg decodes into a pipe, the engine derains, another ffmpeg encodes."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from subprocess import PIPE
from typing import IO

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.graph import Cut
from vsrrg.ffmpeg.hold import Change
from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.ffmpeg.nut import NutReader
from vsrrg.ffmpeg.process import LEVELS, Child, telling_line
from vsrrg.ffmpeg.relay import Work, relay
from vsrrg.video.frame import Frame

log = logging.getLogger(__name__)


class TogetherError(MediaError):
    """Frames of the source are not each later than the one before, so that times do not tell them apart."""


@dataclass(frozen=True)
class RunResult:
    """What came of a graph."""

    frames: int
    """Frames that were derained."""
    encoded: int | None
    """Frames that the encoding ffmpeg counted in its first output, if it did."""
    seconds: float
    """Time from the start of decoding to the end of encoding."""
    stdout: bytes
    """What the encoding ffmpeg wrote to its stdout, if that was captured."""
    stderr: bytes
    """The last of what it wrote to its stderr."""
    change: Change | None = None
    """Where the pictures of the source first changed on the way, if they did."""
    trouble: str | None = None
    """The first error that the decoding ffmpeg told of, though it went on."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to know of the source, each a sentence without its subject, the target."""
        notes = []
        if self.change is not None:
            what = "size" if self.change.size else "pixel format and colours"
            notes.append(
                f"has all its pictures in the {what} of the first, for those of the input change at "
                f"{float(self.change.seconds):.2f} s"
            )
        if self.trouble is not None:
            notes.append(f"has what ffmpeg could decode of a damaged input; it says: {self.trouble}")
        return tuple(notes)


def run_cut(
    graph: Cut,
    known: StreamFormat,
    work: Work,
    binary: str,
    *,
    source: str,
    target: str,
    overwrite: bool = False,
    capture: bool = False,
    done: Callable[[int], None] | None = None,
    seen: Callable[[Frame, Fraction], None] | None = None,
) -> RunResult:
    """Derain a graph whose upstream frames are `known`.

    `source` and `target` name the two ends in messages; `done` is told the number of frames after each,
    `seen` each decoded frame, before it is derained, and the unit of its pts in seconds. What they raise ends
    the call. No process outlives it, however it ends.

    Raises:
        TogetherError: frames are not in the order of their times; with `graph.apart` they come to be.
        MediaError: a process failed or was killed, or the pipe between broke.
    """
    began = time.monotonic()
    with Child(graph.decode_command(known, binary, level=LEVELS), stdout=PIPE) as decoder:
        try:
            reader = NutReader(decoder.stdout, pix_fmt=known.working_pix_fmt, color=known.color)
            frames = iter(reader)
            first = next(frames, None)
        except MediaError as error:
            raise MediaError(
                "decoding-failed", f"{source} cannot be decoded: {decoder.failure() or error}"
            ) from error
        if first is None:
            raise MediaError(
                "decoding-failed", f"{source} cannot be decoded: {decoder.failure() or 'it holds no frame'}"
            )
        opened = time.monotonic()
        command = graph.encode_command(known, binary, overwrite=overwrite)
        with Child(command, stdin=PIPE, stdout=PIPE if capture else None) as encoder:
            captured = _Capture(encoder.stdout) if capture else None
            sent = io.BufferedWriter(encoder.stdin, 1 << 16)
            try:
                whole = _checked(chain((first,), frames), decoder, source)
                if seen is not None:
                    whole = _shown(whole, reader.time_base, seen)
                count = relay(whole, work, lambda: reader.writer(sent, graph.width), done)
                derained = time.monotonic()
                sent.close()
            except OSError as error:
                raise MediaError(
                    "ffmpeg-failed", f"{target} cannot be written: {_failure(encoder) or error}"
                ) from error
            failure = _failure(encoder)
            if failure is not None:
                raise MediaError("ffmpeg-failed", f"{target} cannot be written: {failure}")
            reader.close()
            now = time.monotonic()
            log.debug(
                "%d frames: %.2f s to the first decoded, %.2f s to the last derained, %.2f s to the end",
                count,
                opened - began,
                derained - opened,
                now - derained,
            )
            return RunResult(
                frames=count,
                encoded=encoder.frames,
                seconds=now - began,
                stdout=captured.data() if captured else b"",
                stderr="".join(encoder.messages).encode(),
                change=decoder.change,
                trouble=decoder.trouble,
            )


def _checked(frames: Iterable[Frame], decoder: Child, source: str) -> Iterator[Frame]:
    """The frames; raises MediaError if they ended because the decoder failed, or had to move some in time."""
    try:
        for frame in frames:
            _check_times(decoder, source)
            yield frame
    except TogetherError:
        raise
    except MediaError as error:
        raise MediaError(
            "decoding-failed", f"{source} cannot be decoded: {decoder.failure() or error}"
        ) from error
    failure = decoder.failure()
    if failure is not None:
        raise MediaError("decoding-failed", f"{source} cannot be decoded: {failure}")
    _check_times(decoder, source)


def _check_times(decoder: Child, source: str) -> None:
    if decoder.moved:
        raise TogetherError(
            "irregular-timestamps",
            f"{source} has frames that are not later than the one before; "
            "give it regular times first, with the filter fps=RATE",
        )


def _shown(
    frames: Iterable[Frame], time_base: Fraction, seen: Callable[[Frame, Fraction], None]
) -> Iterator[Frame]:
    for frame in frames:
        seen(frame, time_base)
        yield frame


def _failure(encoder: Child) -> str | None:
    """Why the encoder failed; where it refuses to overwrite it exits with 0, but counts no frame."""
    return encoder.failure() or (telling_line(encoder.messages) if encoder.frames is None else None)


class _Capture:
    """Reads a pipe to its end in a thread."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._data = io.BytesIO()
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True, name="ffmpeg-stdout")
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        while data := pipe.read(1 << 16):
            self._data.write(data)

    def data(self) -> bytes:
        self._thread.join()
        return self._data.getvalue()
