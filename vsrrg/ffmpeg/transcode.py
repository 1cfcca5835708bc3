"""A video file goes in, the same file without rain comes out."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ffmpeg

from vsrrg.errors import MediaError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.carry import Carried, attach_covers, carry
from vsrrg.ffmpeg.encoders import (
    Quality,
    check_encoder,
    check_pix_fmt,
    check_quality,
    choose_encoder,
    quality_options,
)
from vsrrg.ffmpeg.graph import Cut, DerainNode, RawFilter, cut
from vsrrg.ffmpeg.inspection import StreamFormat, inspect
from vsrrg.ffmpeg.losses import find_losses
from vsrrg.ffmpeg.probe import Media, check_name, file_url, probe
from vsrrg.ffmpeg.words import parse_ffmpeg_args
from vsrrg.files import appearing
from vsrrg.guard import guarded_folder
from vsrrg.video.pix_fmts import PIX_FMTS
from vsrrg.video.turn import turned_format, upright

if TYPE_CHECKING:
    from vsrrg.engine import Derainer, Options
    from vsrrg.engine.layout import Layout
    from vsrrg.video.frame import Work

log = logging.getLogger(__name__)

type Progress = Callable[[int, int | None], None]
"""Told after each frame: frames done, and frames in all where that is known or can be estimated."""


@dataclass(frozen=True, kw_only=True)
class EncodeOptions:
    """How `derain_file` writes its file. Raises OptionError for a quality that does not exist."""

    encoder: str | None = None
    """ffmpeg's name of the video encoder; None chooses one that keeps the pixel format."""
    quality: Quality | None = None
    """How good the output shall be, for what is left open below; None: what suits most."""
    crf: float | None = None
    """Constant quality, in the encoder's scale."""
    qp: int | None = None
    """Constant quantizer; 0 is lossless with libx264 (8 bit)."""
    preset: str | None = None
    pix_fmt: str | None = None
    """Pixel format of the output; None keeps the source's."""
    layout: Layout | None = None
    """How the original is shown beside what the engine makes of it; None: not at all."""
    filter_in: str | None = None
    """ffmpeg filters before deraining."""
    filter_out: str | None = None
    """ffmpeg filters after deraining."""
    ffmpeg_args: str = ""
    """More output options in ffmpeg's words, such as "-c:a aac -b:a 192k"; they win over all others."""
    threads: int | None = None
    """Threads of each decoder, filter and encoder of ffmpeg; None: as many as ffmpeg takes by itself."""

    def __post_init__(self) -> None:
        if self.quality is not None:
            check_quality(self.quality)


@dataclass(frozen=True)
class Prepared:
    """All that is known and decided about a job before the first of its frames is derained."""

    media: Media
    known: StreamFormat
    """The frames that are to be derained."""
    binary: str
    """The ffmpeg that runs."""
    carried: Carried
    """What goes along with the video."""
    encoder: str
    settings: dict[str, Any]
    """ffmpeg's output options for the video."""
    words: tuple[str, ...]
    """The user's own output options, which follow all others."""
    layout: Layout | None = None
    """How the original is shown beside what the engine makes of it."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the frames that are encoded."""
        return _encoded_size(self.known, self.layout)

    def shown(self, work: Work) -> Work:
        """The work of an engine, which sees the pictures upright, as its frames are encoded."""
        from vsrrg.engine.layout import laid_out

        return upright(work if self.layout is None else laid_out(work, self.layout), self.known.turns)


@dataclass(frozen=True)
class TranscodeResult:
    """What `derain_file` did."""

    frames: int
    seconds: float
    """Wall time of decoding, deraining and encoding."""
    encoder: str
    dropped: tuple[str, ...]
    """What the container could not hold, in words."""
    found: int = 0
    """Frames of these that were there before, from a job that was interrupted."""
    notes: tuple[str, ...] = ()
    """What else there is to know, each a sentence without its subject, the target."""

    @property
    def fps(self) -> float:
        """Frames derained per second of wall time."""
        return (self.frames - self.found) / self.seconds if self.seconds else 0.0


def derain_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    options: Options | None = None,
    encode: EncodeOptions | None = None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    derainer: Derainer | Callable[[], Derainer] | None = None,
) -> TranscodeResult:
    """Remove the rain from a video file.

    Timestamps, colour tags, aspect ratio, HDR and other side data, rotation, sound, subtitles, attachments,
    chapters and tags are kept, as far as the target's container can hold them. The target appears when it
    is complete; until then, and after any failure, nothing of it is there. A `derainer` that was made with
    the same options, or a function that gives one, spares opening the model.

    Raises:
        MediaError: a file cannot be read or written, has no progressive video, or ffmpeg failed.
        FormatError: the source's pixel format is not supported.
        OptionError, ModelError: the options ask for what does not exist.
    """
    from vsrrg.engine import Options
    from vsrrg.ffmpeg.run import run_cut
    from vsrrg.hooks.resolve import create_derainer

    options = options or Options()
    encode = encode or EncodeOptions()
    target = Path(target)
    check_target(Path(source), target, overwrite=overwrite)
    job = prepare(source, target, options, encode)
    media, name = job.media, repr(str(source))
    if derainer is None:
        derainer = create_derainer(options)
    elif callable(derainer):
        derainer = derainer()
    total = media.frames if encode.filter_in is None else None
    with _appearing(target) as unfinished, guarded_folder() as folder:
        settings = job.settings | job.carried.options
        graph = _cut(media, options, encode, job.carried.maps, unfinished, settings)
        words = (*job.carried.tags, *attach_covers(job.carried, media, folder), *job.words)
        result = run_cut(
            replace(graph, words=words, size=job.size),
            job.known,
            job.shown(derainer.stream),
            job.binary,
            source=name,
            target=repr(str(target)),
            overwrite=True,
            # The total may be an estimate that falls short.
            done=None if progress is None else lambda n: progress(n, total and max(total, n)),
        )
        if encode.filter_out is None and result.encoded not in (None, result.frames):
            raise MediaError(
                "irregular-timestamps",
                f"{name} has timestamps that ffmpeg cannot follow: {result.frames} frames were derained, but "
                f"{result.encoded} written; give it regular ones with --filter-in fps=RATE",
            )
    losses = find_losses(media, target, job.carried, job.encoder)
    return TranscodeResult(
        result.frames,
        result.seconds,
        job.encoder,
        losses.dropped,
        notes=(*result.notes, *losses.notes),
    )


def prepare(
    source: str | os.PathLike[str],
    target: Path,
    options: Options,
    encode: EncodeOptions,
    known: StreamFormat | None = None,
) -> Prepared:
    """Look at the source and decide how the target is written; `known` spares a look at its first frame.

    Raises:
        MediaError: the source cannot be read or has no progressive video.
        FormatError: the source's pixel format is not supported.
        OptionError: there is no such encoder or pixel format, or the user's output options are none.
    """
    from vsrrg.engine.layout import check_layout

    if encode.layout is not None:
        check_layout(encode.layout)
    media = probe(source)
    binary = find_ffmpeg()
    log.info("ffmpeg: %s", binary)
    carried = carry(media, target)
    check_encode(encode)
    words, values = parse_ffmpeg_args(encode.ffmpeg_args)
    if known is None:
        name = repr(str(source))
        graph = _cut(media, options, encode, carried.maps)
        known = inspect(graph.inspect_command(binary), what=name)
        if known.interlaced:
            raise MediaError(
                "interlaced-source", f"{name} is interlaced; deinterlace it first with --filter-in bwdif"
            )
    log.info(
        "in: %s, %dx%d %s %s in %s, %s frames; worked on as %s, %s %s",
        media.path,
        media.width,
        media.height,
        media.pix_fmt,
        media.video.codec,
        media.container,
        "?" if media.frames is None else media.frames,
        known.working_pix_fmt,
        known.color.matrix,
        known.color.range,
    )
    encoder, pix_fmt = values.get("c:v") or encode.encoder, encode.pix_fmt or known.working_pix_fmt
    if encoder is None:
        size = _encoded_size(known, encode.layout)
        whole = encode.filter_out is not None or known.is_whole(size, pix_fmt)
        encoder = choose_encoder(target, pix_fmt, media.video.codec, binary, encode.quality, whole=whole)
    else:
        log.info("encoder %s: asked for", encoder)
    settings = _settings(encoder, target, encode, known, values)
    log.info("out: %s, %s", target, " ".join(f"{key}={value}" for key, value in settings.items()))
    return Prepared(media, known, binary, carried, encoder, settings, tuple(words), encode.layout)


def check_encode(encode: EncodeOptions) -> None:
    """Raises OptionError for an encoder or pixel format that ffmpeg does not know, and for output options
    that are none; MediaError where there is no ffmpeg.
    """
    _, values = parse_ffmpeg_args(encode.ffmpeg_args)
    encoder = values.get("c:v") or encode.encoder
    if encoder is not None:
        check_encoder(encoder, find_ffmpeg())
    if encode.pix_fmt is not None:
        check_pix_fmt(encode.pix_fmt)


def check_target(source: Path, target: Path, *, overwrite: bool) -> None:
    """Raises MediaError if the target cannot or must not be written."""
    shown = repr(str(target))
    check_name(target)
    if target.is_dir():
        raise MediaError("target-is-folder", f"{shown} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise MediaError("target-folder-missing", f"the folder of {shown} does not exist")
    if str(target) == "-":
        raise MediaError(
            "wrong-suffix",
            "'-' is no file; 'vsrrg pipe' writes raw video to stdout, or name a file such as x.mkv",
        )
    if not target.suffix:
        raise MediaError(
            "wrong-suffix",
            f"{shown} has no suffix that tells the container; name it .mkv or .mp4, for instance",
        )
    if target.exists():
        if source.exists() and target.samefile(source):
            raise MediaError("target-is-source", f"{shown} is the input itself; write to another file")
        if not overwrite:
            raise MediaError(
                "target-exists", f"{shown} exists; overwrite it with --overwrite, or name another file"
            )
    if not os.access(target.parent, os.W_OK):
        raise MediaError("target-unwritable", f"the folder of {shown} cannot be written")


def _encoded_size(known: StreamFormat, layout: Layout | None) -> tuple[int, int]:
    """Columns and rows of frames that are laid out upright, as they are stored."""
    from vsrrg.engine.layout import laid_out_width

    fmt = turned_format(PIX_FMTS[known.working_pix_fmt].format, known.turns)
    if fmt is None or known.turns % 2 == 0:
        fmt = PIX_FMTS[known.working_pix_fmt].format
        return laid_out_width(layout, known.width, fmt), known.height
    return known.width, laid_out_width(layout, known.height, fmt)


def _settings(
    encoder: str, target: Path, encode: EncodeOptions, known: StreamFormat, given: Collection[str]
) -> dict[str, Any]:
    """ffmpeg's output options for the video; those `given` follow later."""
    settings: dict[str, Any] = {"fps_mode": "passthrough", "enc_time_base": "filter", "c:v:0": encoder}
    if encode.filter_out is None and known.range in ("tv", "pc"):
        settings["color_range"] = known.range  # or encoders that know only limited range would convert to it
    if encode.threads is not None and "threads" not in given:
        settings["threads"] = encode.threads
    chosen = {"crf": encode.crf, "qp": encode.qp, "preset": encode.preset, "pix_fmt:v:0": encode.pix_fmt}
    chosen = {key: value for key, value in chosen.items() if value is not None}
    return settings | quality_options(
        encoder, target, chosen, given, encode.quality, encode.pix_fmt or known.working_pix_fmt
    )


def input_options(media: Media, threads: int | None = None) -> dict[str, Any]:
    """ffmpeg's options in front of a source."""
    # Rotation stays a tag of the file. What was looked at is what is read, and no other file that it names.
    options: dict[str, Any] = {
        "noautorotate": None,
        "protocol_whitelist": "file",
        "format_whitelist": media.container,
    }
    # Names like "a%d.png" are names, not patterns.
    if media.container == "image2":
        options["pattern_type"] = "none"
    if threads is not None:
        options |= {"threads": threads, "filter_complex_threads": threads}
    return options


def _cut(
    media: Media,
    options: Options,
    encode: EncodeOptions,
    maps: list[str],
    target: Path = Path("-"),
    settings: dict[str, Any] | None = None,
) -> Cut:
    """The graph of the whole job, cut where the engine works."""
    source = ffmpeg.input(file_url(media.path), **input_options(media, encode.threads))
    video = source[str(media.video.index)]
    if encode.filter_in is not None:
        video = RawFilter(video, encode.filter_in).stream()
    video = DerainNode(video, options).stream()
    if encode.filter_out is not None:
        video = RawFilter(video, encode.filter_out).stream()
    graph = cut(
        ffmpeg.output(video, *(source[index] for index in maps), file_url(target), **(settings or {}))
    )
    assert graph is not None
    return graph


@contextlib.contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """See `appearing`; what fails in replacing the target is a MediaError."""
    made = False
    try:
        with appearing(target) as unfinished:
            yield unfinished
            made = True
    except OSError as error:
        if not made:
            raise
        raise MediaError(
            "target-unwritable", f"{str(target)!r} cannot be written: {error.strerror}"
        ) from error
