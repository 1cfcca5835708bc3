"""Runs a cut graph: ffmpeg decodes into a pipe, the engine derains, another ffmpeg encodes."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain
from subprocess import PIPE
from typing import IO

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.graph import Cut
from vsrrg.ffmpeg.hold import Change
from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.ffmpeg.nut import NutReader
from vsrrg.ffmpeg.process import LEVELS, Child, telling_line
from vsrrg.ffmpeg.relay import relay
from vsrrg.video.frame import Frame, Work

log = logging.getLogger(__name__)


class RunAgainError(MediaError):
    """The source has frames for which the graph must run otherwise."""

    def __init__(self, code: str, message: str, *, held: bool) -> None:
        super().__init__(code, message)
        self.held = held
        """Whether its frames must be held; else they must be set apart."""


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
    interlaced: Sequence[float] = ()
    """Seconds of the pictures of the source that are interlaced."""
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
        if self.interlaced:
            count = len(self.interlaced)
            notes.append(
                f"has {count} of {self.frames} pictures from an input that is interlaced there, first at "
                f"{self.interlaced[0]:.2f} s, where rain may stay; deinterlace them first with --filter-in "
                "bwdif=deint=interlaced"
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
) -> RunResult:
    """Derain a graph whose upstream frames are `known`, and again if they turn out to be of several kinds.

    Takes and raises what `run_once` does, but for RunAgainError.
    """
    again = partial(
        run_once,
        known=known,
        work=work,
        binary=binary,
        source=source,
        target=target,
        capture=capture,
        done=done,
    )
    tried = set()
    while True:
        try:
            return again(graph, overwrite=overwrite)
        except RunAgainError as error:
            # Something may have been written, and only those who overwrite begin again.
            if error.held in tried or "-y" not in graph.encode_command(known, binary, overwrite=overwrite):
                raise
            tried.add(error.held)
            log.info("from the beginning: %s", error)
            graph = graph.held() if error.held else replace(graph, apart=True)


def run_once(
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
        RunAgainError: the graph must be held, or set apart.
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
        command = graph.encode_command(known, binary, overwrite=overwrite, level=LEVELS)
        with Child(command, stdin=PIPE, stdout=PIPE if capture else None) as encoder:
            captured = _Capture(encoder.stdout) if capture else None
            sent = io.BufferedWriter(encoder.stdin, 1 << 16)
            try:
                whole = _checked(chain((first,), frames), decoder, source)
                if seen is not None:
                    whole = _shown(whole, reader.time_base, seen)
                count = relay(whole, work, lambda: reader.writer(sent, graph.size), done)
                derained = time.monotonic()
                sent.close()
            except OSError as error:
                _check(encoder, source)
                _check_written(encoder, target)
                raise MediaError("ffmpeg-failed", f"{target} cannot be written: {error}") from error
            encoder.wait()
            _check(encoder, source)
            _check_written(encoder, target)
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
                interlaced=tuple(decoder.interlaced),
                trouble=decoder.trouble,
            )


def _checked(frames: Iterable[Frame], decoder: Child, source: str) -> Iterator[Frame]:
    """The frames; raises MediaError if they ended because the decoder failed, or had to move some in time."""
    try:
        for frame in frames:
            _check(decoder, source)
            _check_times(decoder, source)
            yield frame
    except RunAgainError:
        raise
    except MediaError as error:
        raise MediaError(
            "decoding-failed", f"{source} cannot be decoded: {decoder.failure() or error}"
        ) from error
    failure = decoder.failure()
    if failure is not None:
        raise MediaError("decoding-failed", f"{source} cannot be decoded: {failure}")
    _check(decoder, source)
    _check_times(decoder, source)


def _check(child: Child, source: str) -> None:
    """Raises RunAgainError where a process may have lost or moved frames."""
    if child.rebuilt:
        raise RunAgainError(
            "mixed-frames",
            f"the pictures of {source} change their size, pixel format or colours on the way; "
            "make them all alike first",
            held=True,
        )


def _check_times(decoder: Child, source: str) -> None:
    if decoder.moved:
        raise RunAgainError(
            "irregular-timestamps",
            f"{source} has frames that are not later than the one before; give it regular times first",
            held=False,
        )


def _check_written(encoder: Child, target: str) -> None:
    """Raises MediaError if the encoder failed."""
    failure = _failure(encoder)
    if failure is not None:
        raise MediaError("ffmpeg-failed", f"{target} cannot be written: {failure}")


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
