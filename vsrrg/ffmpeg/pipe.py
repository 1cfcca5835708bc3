"""Raw video in, raw video of the same kind out: NUT, y4m or bare frames."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import IO, Literal, cast

from vsrrg.engine.layout import Layout, laid_out, laid_out_width
from vsrrg.errors import MediaError, OptionError
from vsrrg.ffmpeg import nut, y4m
from vsrrg.ffmpeg.bytes_io import Peekable
from vsrrg.ffmpeg.nut import NutReader
from vsrrg.ffmpeg.rawvideo import RawReader
from vsrrg.ffmpeg.relay import relay
from vsrrg.ffmpeg.y4m import Y4mReader
from vsrrg.video.color import Matrix, Range
from vsrrg.video.frame import Work

log = logging.getLogger(__name__)

PipeFormat = Literal["auto", "nut", "y4m", "raw"]


def derain_pipe(
    source: IO[bytes],
    target: IO[bytes],
    work: Work,
    *,
    format: PipeFormat = "auto",
    size: tuple[int, int] | None = None,
    pix_fmt: str | None = None,
    matrix: Matrix | None = None,
    range: Range | None = None,
    layout: Layout | None = None,
    done: Callable[[int], None] | None = None,
) -> int:
    """Write to `target`, in the format of `source`, what `work` makes of its frames; returns their number.

    Constant memory; each frame is flushed when it is ready. `size` (width, height) and `pix_fmt` belong to
    raw video; `matrix` and `range` are used where the stream does not tell. With a `layout` frames come out
    beside what went in. `done` is told the number of frames after each.

    Raises:
        MediaError: the stream is of another format, or ends within a frame; the frames before were written.
        FormatError: its pixel format is not supported.
        OptionError: size or pixel format are missing, or given where the stream tells them itself; or there
            is no such layout.
        BrokenPipeError: the reader of `target` has gone.
    """
    peekable = Peekable(source)
    stream = cast(IO[bytes], peekable)
    if format == "auto":
        format = _recognize(peekable)
    reader: NutReader | Y4mReader | RawReader
    if format == "raw":
        if size is None or pix_fmt is None:
            raise OptionError(
                "raw-options", "raw video needs --size, such as 1280x720, and --pix-fmt, such as yuv420p"
            )
        reader = RawReader(
            stream,
            pix_fmt=pix_fmt,
            width=size[0],
            height=size[1],
            matrix=matrix,
            range=range,
        )
    elif size is not None or pix_fmt is not None:
        raise OptionError(
            "raw-options", f"--size and --pix-fmt belong to --format raw; {format} tells them itself"
        )
    elif format == "nut":
        reader = NutReader(stream, matrix=matrix, range=range)
    else:
        reader = Y4mReader(stream, matrix=matrix, range=range)
    log.info("in: %s; the same comes out", format)
    if layout is not None:
        work = laid_out(work, layout)
    width = laid_out_width(layout, reader.width, reader.pix_fmt.format)
    return relay(reader, work, lambda: reader.writer(target, (width, reader.height)), done)


def _recognize(source: Peekable) -> PipeFormat:
    head = source.peek(len(nut.MAGIC))
    if head == nut.MAGIC:
        return "nut"
    if head.startswith(y4m.MAGIC):
        return "y4m"
    if not head:
        raise MediaError("empty-stream", "the stream is empty; pipe NUT, y4m or raw video into vsrrg")
    raise MediaError(
        "unknown-stream",
        "the stream is neither NUT nor y4m; raw video needs --format raw, --size and --pix-fmt",
    )
