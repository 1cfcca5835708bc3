"""Footage to compare: the frames of a video file with their times, from any place in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.inspection import working_pix_fmt
from vsrrg.ffmpeg.probe import open_media, probe
from vsrrg.video.pix_fmts import PIX_FMTS

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

SETTLE = Fraction(1)
"""Seconds before the wanted place at which decoding begins, at least, so that frames before it are known."""

HDR = (16, 18)
"""Transfer characteristics of PQ and HLG in H.273."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A video file, looked at."""

    path: Path
    stream: int
    """Number of the video stream in the file."""
    width: int
    height: int
    """As stored: before rotation, and whatever the shape of a pixel."""
    aspect: Fraction
    """Width of a pixel over its height."""
    rotation: int
    """Quarter turns to the left that set the picture upright."""
    rate: Fraction
    """Frames a second, on average."""
    begin: Fraction
    """Timestamp of the first frame, in seconds; times count from it."""
    seconds: Fraction | None
    """Length, as far as the file tells."""
    hdr: bool
    """Whether its light is coded as PQ or HLG."""

    @property
    def name(self) -> str:
        """For people."""
        return self.path.name

    @property
    def step(self) -> Fraction:
        """Seconds from a frame to the next, on average."""
        return 1 / self.rate


@dataclass(frozen=True, eq=False)
class Timed:
    """A decoded frame and its time in seconds, counted from the first frame of its file."""

    frame: av.VideoFrame
    time: Fraction


@dataclass(frozen=True)
class Span:
    """A piece of a clip: frames from `start` on, up to those at `end`, in seconds."""

    start: Fraction
    end: Fraction

    def __contains__(self, time: Fraction) -> bool:
        return self.start <= time < self.end


def open_clip(path: str | Path) -> Clip:
    """Look at a video file and its first frame.

    Raises:
        MediaError: it cannot be read, or holds no frame with a timestamp.
        FormatError: its pixel format is not supported.
    """
    media = probe(path)
    with _open(media.path) as container:
        stream = _video(container, media.video.index)
        first = next(_decoded(container, media.path, media.video.index), None)
        if first is None:
            raise MediaError("no-frames", f"{str(path)!r} holds no frame")
        rate = Fraction(str(stream.average_rate or stream.guessed_rate or 25))
        count = media.frames
        aspect = stream.sample_aspect_ratio
        return Clip(
            path=media.path,
            stream=media.video.index,
            width=first.width,
            height=first.height,
            aspect=Fraction(str(aspect)) if aspect else Fraction(1),
            rotation=first.rotation // 90 % 4,
            rate=rate,
            begin=_stamp(first, media.path),
            seconds=None if count is None else count / rate,
            hdr=first.color_trc in HDR,
        )


def read(clip: Clip, since: Fraction = Fraction(0)) -> Iterator[Timed]:
    """The frames from a time on, in order; frames in formats that vsrrg does not take come in one that holds
    the same samples.

    Raises:
        MediaError: the file cannot be decoded, or its frames change their size.
        FormatError: a pixel format is not supported.
    """
    with _open(clip.path) as container:
        stream = _video(container, clip.stream)
        stream.thread_type = "AUTO"
        if since > 0:
            container.seek(int((clip.begin + since) / stream.time_base), stream=stream)
        frames = _timed(clip, container)
        first = next(frames, None)
        if since > 0 and (first is None or first.time > since):  # The file's index leads past the place.
            container.seek(int(clip.begin / stream.time_base), stream=stream)
            frames = _timed(clip, container)
            first = next(frames, None)
        if first is not None and first.time >= since:
            yield first
        yield from (timed for timed in frames if timed.time >= since)


def around(clip: Clip, span: Span, beside: int) -> Iterator[Timed]:
    """The frames of a span, and so many before and after it as far as there are."""
    before: deque[Timed] = deque(maxlen=beside)
    after = 0
    lead = max(SETTLE, 2 * beside * clip.step)
    for timed in read(clip, max(Fraction(0), span.start - lead)):
        if timed.time < span.start:
            before.append(timed)
            continue
        yield from before
        before.clear()
        if timed.time >= span.end:
            after += 1
            if after > beside:
                return
        yield timed


def _timed(clip: Clip, container: InputContainer) -> Iterator[Timed]:
    for frame in _decoded(container, clip.path, clip.stream):
        if (frame.width, frame.height) != (clip.width, clip.height):
            raise MediaError(
                "size-changes",
                f"the pictures of {str(clip.path)!r} change their size on the way; give them all one size "
                f"before, with ffmpeg -i IN -vf scale={clip.width}:{clip.height} -c:v ffv1 -c:a copy OUT.mkv",
            )
        yield Timed(_workable(frame), _stamp(frame, clip.path) - clip.begin)


def _open(path: Path) -> InputContainer:
    import av

    try:
        return open_media(path)
    except (av.FFmpegError, OSError) as error:
        raise MediaError("unreadable-source", f"{str(path)!r} cannot be read: {error}") from error


def _video(container: InputContainer, index: int) -> av.VideoStream:
    import av

    stream = container.streams[index]
    assert isinstance(stream, av.VideoStream)
    return stream


def _decoded(container: InputContainer, path: Path, index: int) -> Iterator[av.VideoFrame]:
    import av

    try:
        yield from container.decode(_video(container, index))
    except (av.FFmpegError, OSError) as error:
        raise MediaError("decoding-failed", f"{str(path)!r} cannot be decoded: {error}") from error


def _workable(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame in a pixel format that vsrrg takes."""
    name = frame.format.name
    return frame if name in PIX_FMTS else frame.reformat(format=working_pix_fmt(name))


def _stamp(frame: av.VideoFrame, path: Path) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        raise MediaError(
            "no-timestamps",
            f"{str(path)!r} holds frames without timestamps: put it into a container first, as with "
            "ffmpeg -i IN -c copy OUT.mp4",
        )
    return Fraction(frame.pts * frame.time_base)
