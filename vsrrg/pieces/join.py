"""Pieces become one file: their packets in a row, with what else the source holds, and nothing encoded again.

The packets go through a pipe, in the container of the target, to an ffmpeg that adds sound, subtitles and the
rest from the source just as a job without pieces would.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.carry import attach_covers
from vsrrg.ffmpeg.probe import file_url, open_media
from vsrrg.ffmpeg.process import Child
from vsrrg.ffmpeg.transcode import Prepared, input_options
from vsrrg.files import appearing
from vsrrg.guard import guarded_folder
from vsrrg.pieces.index import Whole
from vsrrg.pieces.plan import Piece, Plan

_FRAGMENTS = {"movflags": "frag_keyframe+delay_moov+default_base_moof"}
PIPES: dict[str, tuple[str, dict[str, str]]] = {
    ".mkv": ("matroska", {}),
    ".webm": ("webm", {}),
    ".mp4": ("mp4", _FRAGMENTS),
    ".m4v": ("mp4", _FRAGMENTS),
    ".mov": ("mov", _FRAGMENTS),
}
"""For the suffixes of targets that can be made of pieces: muxer and its options for a pipe."""


def can_join(suffix: str, encoder: str) -> bool:
    """Whether targets of this suffix can be made of pieces that come from this encoder."""
    import av

    if suffix not in PIPES:
        return False
    try:
        codec = av.Codec(encoder, "w").canonical_name
    except av.codec.codec.UnknownCodecError:  # one of the system's ffmpeg, such as h264_nvenc
        codec = encoder.partition("_")[0]
    with av.open(io.BytesIO(), "w", format=PIPES[suffix][0]) as out:
        return codec in out.supported_codecs


def join_pieces(
    job: Prepared,
    plan: Plan,
    pieces: Sequence[tuple[Piece, Path, Sequence[int]]],
    target: Path,
) -> None:
    """Write the target from its pieces; it appears when it is complete.

    Args:
        pieces: in order, each with its file and the places of its packets in the order of presentation.

    Raises:
        Whole: the pieces do not belong together.
        MediaError: a process failed, or the target cannot be written.
    """
    import av

    shown = repr(str(target))
    try:
        with appearing(target) as unfinished, guarded_folder() as folder:
            command = _command(job, plan, pieces[0][1], unfinished, folder)
            with Child(command, stdin=PIPE) as ffmpeg:
                try:
                    with io.BufferedWriter(ffmpeg.stdin, 1 << 20) as pipe:
                        _write_packets(pipe, plan, pieces, target.suffix.lower())
                except OSError as error:
                    raise MediaError(
                        "ffmpeg-failed", f"{shown} cannot be written: {ffmpeg.failure() or error}"
                    ) from error
                except (av.FFmpegError, ValueError) as error:
                    raise Whole("a piece is damaged") from error
                failure = ffmpeg.failure()
                if failure is not None:
                    raise MediaError("ffmpeg-failed", f"{shown} cannot be written: {failure}")
                if ffmpeg.frames != plan.frames:
                    raise Whole(f"{plan.frames} frames became {ffmpeg.frames}")
    except OSError as error:
        raise MediaError("target-unwritable", f"{shown} cannot be written: {error.strerror}") from error


def decode_times(times: Sequence[int], depth: int) -> Iterator[int]:
    """When to decode the packets of a stream, in stored order: ascending, and none after it is shown.

    Args:
        times: when the frames are shown, ascending.
        depth: packets by which the order of storage runs ahead of the order of presentation at most.
    """
    depth = min(depth, len(times) - 1)
    early = times[depth] - times[0]
    for time in times[:depth]:
        yield time - early
    yield from times[: len(times) - depth]


def reorder_depth(order: Sequence[int]) -> int:
    """How many packets are stored before one that is shown before them, at most."""
    return max((stored - place for stored, place in enumerate(order)), default=0)


def _command(job: Prepared, plan: Plan, first: Path, unfinished: Path, folder: Path) -> list[str]:
    carried, muxer = job.carried, PIPES[unfinished.suffix.lower()][0]
    before = {"copyts": None, "itsoffset": f"{plan.index.offset}us", **input_options(job.media)}
    after = {"c:v:0": "copy", **carried.options}
    if "tag:v" in job.settings:
        after["tag:v"] = job.settings["tag:v"]
    if muxer in ("matroska", "webm") and (aspect := _aspect(first)):
        after["aspect:v:0"] = aspect
    return [
        *(job.binary, "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-progress", "pipe:2"),
        *(*_words(before), "-i", file_url(job.media.path)),
        *("-f", muxer, "-i", "pipe:0", "-map", "1:v:0"),
        *(word for stream in carried.maps for word in ("-map", f"0:{stream}")),
        *(*_words(after), *carried.tags, *attach_covers(carried, job.media, folder), *job.words),
        file_url(unfinished),
    ]


def _aspect(piece: Path) -> str | None:
    """The aspect ratio of the picture, which Matroska keeps apart from the codec's; None if it is unknown.

    ffmpeg rounds it to a ratio of numbers up to 255, which moves an edge by less than a tenth of a pixel.
    """

    with open_media(piece) as container:
        ratio = container.streams.video[0].display_aspect_ratio
        return f"{ratio.numerator}:{ratio.denominator}" if ratio else None


def _words(options: dict[str, Any]) -> list[str]:
    return [
        word
        for name, value in options.items()
        for word in ([f"-{name}"] if value is None else [f"-{name}", str(value)])
    ]


def _write_packets(
    pipe: IO[bytes], plan: Plan, pieces: Sequence[tuple[Piece, Path, Sequence[int]]], suffix: str
) -> None:
    import av

    muxer, options = PIPES[suffix]
    times, unit = plan.index.times, plan.index.time_base
    if options:
        options = options | {"movie_timescale": str(unit.denominator)}
    clock = decode_times(times, max(reorder_depth(order) for _, _, order in pieces))
    headers: set[bytes | None] = set()
    with av.open(pipe, "w", format=muxer, options=options) as out:
        stream: Any = None
        for piece, path, order in pieces:
            with open_media(path) as container:
                source = container.streams.video[0]
                headers.add(source.codec_context.extradata)
                if len(headers) > 1:
                    raise Whole("its pieces were encoded in different ways")
                if stream is None:
                    stream = _like(source, out, unit)
                stored = (packet for packet in container.demux(source) if packet.size)
                for packet, place in zip(stored, order, strict=True):
                    packet.duration = round((packet.duration or 0) * packet.time_base / unit)
                    packet.pts, packet.dts, packet.time_base = times[piece.start + place], next(clock), unit
                    packet.stream = stream
                    out.mux(packet)


def _like(source: Any, out: Any, unit: Fraction) -> Any:
    """A stream like that of a piece, where times count in `unit`."""
    stream = out.add_stream_from_template(source, opaque=True)
    stream.time_base = unit
    # What belongs to the stream, and not to its codec, is not in the template.
    stream.codec_context.framerate = source.average_rate
    stream.codec_context.sample_aspect_ratio = source.sample_aspect_ratio
    tags = {key.lower(): value for key, value in source.metadata.items()}
    if "encoder" in tags:
        stream.metadata["encoder"] = tags["encoder"]
    return stream
