"""Whether a file can be cut, and where."""

from __future__ import annotations

from vsrrg.engine.window import lookback
from vsrrg.ffmpeg.transcode import EncodeOptions, prepare
from vsrrg.ffmpeg.words import parse_ffmpeg_args
from vsrrg.hooks.resolve import find_model
from vsrrg.pieces.index import Whole, read_index
from vsrrg.pieces.join import can_join
from vsrrg.pieces.plan import Plan, choose_starts
from vsrrg.pieces.tasks import Job, Source

LEAST = 48
"""Frames of a piece: below, starting ffmpeg costs more than one worker more brings."""
_WHOLE_ARGS = {
    "ss", "t", "to", "frames", "vframes", "fs", "shortest", "r", "fps_mode",
    "vsync", "force_key_frames", "map", "bsf", "f", "pass", "passlogfile", "itsoffset", "output_ts_offset",
    "copyts", "start_at_zero", "vf", "af", "filter", "filter_complex", "lavfi", "attach", "aspect",
}  # fmt: skip
"""ffmpeg's output options that mean something else for a piece than for the file."""


def cut_file(source: Source, job: Job, wanted: int) -> Plan:
    """Look at a file and decide where it is cut, if possible into `wanted` pieces or more.

    Raises:
        Whole: it stays whole.
        MediaError, FormatError, OptionError: it cannot be derained at all.
    """
    prepared = prepare(source.path, source.target, job.options, job.encode)
    _check_options(job.encode)
    suffix = source.target.suffix.lower()
    if not can_join(suffix, prepared.encoder):
        raise Whole(f"{suffix} files with {prepared.encoder} are not joined from pieces")
    index = read_index(prepared.media, prepared.carried.maps, prepared.known)
    radius, ahead = find_model(job.options.model).radius, job.options.lookahead
    context = max(1, lookback(radius, radius if ahead is None else min(ahead, radius)))
    size = min(job.piece, max(LEAST, len(index.times) // wanted))
    starts = choose_starts(index, size, context)
    if len(starts) == 1:
        raise Whole("it is short, or has no key frames to cut at")
    return Plan(prepared.known, index, starts, context)


def _check_options(encode: EncodeOptions) -> None:
    """Raises Whole where options make sense for the whole file only."""
    if encode.filter_in is not None or encode.filter_out is not None:
        raise Whole("filters of ffmpeg may remember frames from long ago")
    _, values = parse_ffmpeg_args(encode.ffmpeg_args)
    for name in values:
        if name.partition(":")[0] in _WHOLE_ARGS:
            raise Whole(f"-{name} is about the whole file")
