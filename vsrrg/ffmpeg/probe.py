"""What is in a media file: its streams, times and tags, read without decoding."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from vsrrg.errors import MediaError

StreamKind = Literal["video", "audio", "subtitle", "attachment", "data"]


@dataclass(frozen=True)
class StreamInfo:
    """One stream of a file."""

    index: int
    """Number of the stream in the file, as in ffmpeg's `-map 0:index`."""
    kind: StreamKind
    codec: str
    """ffmpeg's name of the codec, or "" if unknown."""
    disposition: tuple[str, ...]
    """Flags such as "default" and "attached_pic"."""
    metadata: tuple[tuple[str, str], ...]

    @property
    def is_cover(self) -> bool:
        """Whether this is a still picture attached to the file."""
        return self.kind == "video" and "attached_pic" in self.disposition


@dataclass(frozen=True)
class Media:
    """A media file with at least one video stream."""

    path: Path
    container: str
    """ffmpeg's name of the demuxer, such as "matroska,webm"."""
    streams: tuple[StreamInfo, ...]
    video: StreamInfo
    """The video stream that is derained: the first that is no cover picture."""
    pix_fmt: str
    width: int
    height: int
    frames: int | None
    """Number of video frames, if the file says; an estimate from duration and rate otherwise."""
    metadata: tuple[tuple[str, str], ...]
    """The file's own tags."""

    def of_kind(self, kind: StreamKind) -> tuple[StreamInfo, ...]:
        """The streams of a kind, the derained video and cover pictures left out."""
        return tuple(s for s in self.streams if s.kind == kind and s is not self.video and not s.is_cover)

    @property
    def covers(self) -> tuple[StreamInfo, ...]:
        """The attached pictures."""
        return tuple(s for s in self.streams if s.is_cover)


def file_url(path: str | os.PathLike[str]) -> str:
    """The path as ffmpeg takes it literally, whatever characters it holds."""
    return f"file:{os.fspath(path)}"


def probe(path: str | os.PathLike[str]) -> Media:
    """Read what a media file holds.

    Raises:
        MediaError: the file is missing, cannot be read, is no media file, or has no video stream.
    """
    import av

    path = Path(path)
    if not path.exists():
        raise MediaError("source-missing", f"{str(path)!r} does not exist")
    if path.is_dir():
        raise MediaError("source-is-folder", f"{str(path)!r} is a folder; give a video file")
    try:
        container = av.open(file_url(path), options={"pattern_type": "none"})
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MediaError("unreadable-source", f"{str(path)!r} cannot be read as video: {reason}") from error
    with container:
        streams = tuple(_stream_info(stream) for stream in container.streams)
        video = next((s for s in streams if s.kind == "video" and not s.is_cover), None)
        if video is None:
            raise MediaError("no-video", f"{str(path)!r} has no video stream")
        stream = container.streams[video.index]
        assert isinstance(stream, av.VideoStream)
        context: av.VideoCodecContext | None = stream.codec_context
        if context is None or not context.width or not context.pix_fmt:
            raise MediaError(
                "unknown-codec",
                f"the video stream of {str(path)!r} cannot be decoded ({video.codec or 'unknown codec'})",
            )
        return Media(
            path=path,
            container=container.format.name,
            streams=streams,
            video=video,
            pix_fmt=context.pix_fmt,
            width=context.width,
            height=context.height,
            frames=stream.frames or _estimate(stream, container),
            metadata=tuple(container.metadata.items()),
        )


def first_packet(path: Path, index: int) -> bytes:
    """The first packet of a stream, as it is stored: all of a cover picture."""
    import av

    with av.open(file_url(path)) as container:
        return bytes(next(packet for packet in container.demux(container.streams[index]) if packet.size))


def _stream_info(stream: object) -> StreamInfo:
    import av.stream

    assert isinstance(stream, av.stream.Stream)
    kind = stream.type if stream.type in ("video", "audio", "subtitle", "attachment") else "data"
    flags = stream.disposition
    names = [flag.name for flag in type(flags) if flag in flags and flag.value]
    try:
        codec = stream.codec_context.name
    except (AttributeError, ValueError):
        codec = ""
    return StreamInfo(
        index=stream.index,
        kind=kind,
        codec=codec,
        disposition=tuple(name for name in names if name),
        metadata=tuple(stream.metadata.items()),
    )


def _estimate(stream: object, container: object) -> int | None:
    import av
    import av.container

    assert isinstance(stream, av.VideoStream) and isinstance(container, av.container.InputContainer)
    if not stream.average_rate:
        return None
    rate = Fraction(stream.average_rate.numerator, stream.average_rate.denominator)
    if stream.duration and stream.time_base:
        return round(
            stream.duration * Fraction(stream.time_base.numerator, stream.time_base.denominator) * rate
        )
    if container.duration:
        return round(Fraction(container.duration, av.time_base) * rate)
    return None
