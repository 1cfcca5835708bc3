"""What is in a media file: its streams, times and tags, read without decoding."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vsrrg.errors import MediaError

if TYPE_CHECKING:
    from av.container import InputContainer

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
    chapters: tuple[str, ...] = ()
    """Titles of the chapters."""

    def of_kind(self, kind: StreamKind) -> tuple[StreamInfo, ...]:
        """The streams of a kind, the derained video and cover pictures left out."""
        return tuple(s for s in self.streams if s.kind == kind and s is not self.video and not s.is_cover)

    @property
    def covers(self) -> tuple[StreamInfo, ...]:
        """The attached pictures."""
        return tuple(s for s in self.streams if s.is_cover)


ELSEWHERE = frozenset({
    "avisynth", "concat", "dash", "hls", "imf", "lavfi", "rtp", "rtsp", "sap", "sdp", "vapoursynth", "vobsub",
    "webm_dash_manifest",
})  # fmt: skip
"""ffmpeg's formats whose files are no video themselves: they name others, or addresses, or are scripts."""

_PLAYLIST = re.compile(
    rb"\s*(#EXTM3U|ffconcat version|v=0\r?\n|<\?xml[^>]*>\s*(<!--.*?-->\s*)*<MPD|<MPD)", re.DOTALL
)


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
    check_name(path)
    if not path.exists():
        hint = "; 'vsrrg pipe' reads raw video from stdin" if str(path) == "-" else ""
        raise MediaError("source-missing", f"{str(path)!r} does not exist{hint}")
    if path.is_dir():
        raise MediaError("source-is-folder", f"{str(path)!r} is a folder; give a video file")
    try:
        container = open_media(path)
    except (av.FFmpegError, OSError) as error:
        if _is_playlist(path):
            raise MediaError(
                "playlist-source",
                f"{str(path)!r} is a playlist, which names other files, and vsrrg reads none but those it is "
                "given: give it those, or make one file of them with ffmpeg -i IN -c copy OUT.mkv",
            ) from error
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, av.ArgumentError):
            reason = "it does not say what it holds"
        raise MediaError("unreadable-source", f"{str(path)!r} cannot be read as video: {reason}") from error
    with container:
        # A text track that names chapters is no stream of its own: they are read, and it is not.
        streams = tuple(
            _stream_info(stream)
            for stream in container.streams
            if not (stream.type == "data" and stream.discard is av.stream.Discard.all)
        )
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
            chapters=tuple(chapter["metadata"].get("title", "") for chapter in container.chapters()),
        )


def check_name(path: Path) -> None:
    """Raises MediaError for a name that is no text: neither PyAV nor ffmpeg-python can hold it."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise MediaError(
            "name-no-text", f"the name {str(path)!r} is no text in UTF-8; rename the file, or its folder"
        ) from error


def open_media(path: str | os.PathLike[str]) -> InputContainer:
    """Open a media file with PyAV: this file, whatever its name looks like, and no other that it names.

    Raises:
        av.FFmpegError, OSError: it cannot be opened.
    """
    import av

    options = {"pattern_type": "none", "protocol_whitelist": "file", "format_whitelist": _formats()}
    return av.open(file_url(path), options=options)


@cache
def _formats() -> str:
    """The formats of files that are opened, in ffmpeg's words."""
    import av

    names = {name for known in av.formats_available for name in known.split(",")}
    return ",".join(sorted(names - ELSEWHERE))


def _is_playlist(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return _PLAYLIST.match(file.read(4096)) is not None
    return False


def first_packet(path: Path, index: int) -> bytes:
    """The first packet of a stream, as it is stored: all of a cover picture."""
    with open_media(path) as container:
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
        # One of no kind that PyAV knows has no name.
        codec = str(getattr(stream, "name", None) or "") if kind == "data" else ""
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
