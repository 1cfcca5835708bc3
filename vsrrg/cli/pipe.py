"""`vsrrg pipe`: raw video from stdin to stdout."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from typing import IO, Any, get_args

import click

from vsrrg.cli import words as completed
from vsrrg.cli.derain import ending_on_sigterm, layout_option, model_options

EPILOG = """\b
Examples:
  ffmpeg -i rain.mp4 -c:v rawvideo -f nut - | vsrrg pipe | ffmpeg -i - clean.mkv
  vspipe -c y4m script.vpy - | vsrrg pipe | ffmpeg -i - clean.mkv
  ... | vsrrg pipe --format raw --size 1280x720 --pix-fmt yuv420p | ...
"""


class _Size(click.ParamType[tuple[int, int]]):
    name = "size"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        match = re.fullmatch(r"([1-9]\d{0,8})x([1-9]\d{0,8})", str(value))
        if match is None:
            self.fail(f"{value!r} is no size; write WIDTHxHEIGHT, such as 1280x720", param, ctx)
        return int(match[1]), int(match[2])


@contextlib.contextmanager
def _stdout_alone() -> Iterator[IO[bytes]]:
    """What goes to stdout; all that others print there inside, be it from C, goes to stderr."""
    sys.stdout.flush()
    number = sys.stdout.fileno()
    with open(os.dup(number), "wb") as target:
        os.dup2(2, number)
        try:
            yield target
        finally:
            sys.stdout.flush()
            os.dup2(target.fileno(), number)


def _matrices() -> list[str]:
    from vsrrg.video.color import Matrix

    return list(get_args(Matrix))


@click.command(epilog=EPILOG)
@model_options
@click.option(
    "--format",
    type=click.Choice(["auto", "nut", "y4m", "raw"]),
    default="auto",
    show_default=True,
    help="What comes in and goes out; auto recognizes NUT and y4m.",
)
@click.option("--size", type=_Size(), metavar="WxH", help="Size of raw frames.")
@click.option(
    "--pix-fmt",
    shell_complete=completed.pix_fmt_names,
    help="ffmpeg's name of the pixel format of raw frames.",
)
@layout_option
@click.option(
    "--matrix", type=click.Choice(_matrices()), help="Colour matrix; by default guessed from the height."
)
@click.option(
    "--range",
    type=click.Choice(["limited", "full"]),
    help="Range of the samples; by default the stream's, else limited.",
)
def pipe(
    model: str,
    backend: str,
    device: str | None,
    precision: Any,
    max_memory: int | None,
    strength: float,
    output: Any,
    lookahead: int | None,
    scene_cuts: bool,
    filters: tuple[str, ...],
    format: Any,
    size: tuple[int, int] | None,
    pix_fmt: str | None,
    matrix: Any,
    range: Any,
    layout: Any,
) -> None:
    """Remove the rain from raw video on stdin and write it to stdout, in the same format.

    NUT keeps the timestamps of every frame, y4m does not; neither carries colour tags or HDR data through
    ffmpeg. For files, `vsrrg derain` keeps all of that.
    """
    from vsrrg.engine import Options
    from vsrrg.engine.memory import keep_freed_memory
    from vsrrg.ffmpeg.pipe import derain_pipe
    from vsrrg.hooks import Job
    from vsrrg.hooks.observers import observed
    from vsrrg.hooks.resolve import create_derainer

    keep_freed_memory()
    if sys.stdin.isatty() or sys.stdout.isatty():
        raise click.UsageError(
            "vsrrg pipe reads and writes raw video; connect stdin and stdout to other programs."
        )
    options = Options(
        model=model,
        backend=backend,
        device=device,
        precision=precision,
        max_memory=max_memory,
        strength=strength,
        output=output,
        lookahead=lookahead,
        scene_cuts=scene_cuts,
        filters=filters,
    )
    # Unbuffered, so that a read returns what there is.
    job = Job(kind="pipe", source="-", target="-", options=options)
    with (
        ending_on_sigterm(),
        open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as source,
        _stdout_alone() as target,
        observed(job) as advance,
    ):
        derain_pipe(
            source,
            target,
            create_derainer(options).stream,
            format=format,
            size=size,
            pix_fmt=pix_fmt,
            matrix=matrix,
            range=range,
            layout=layout,
            done=lambda frames: advance(frames, None),
        )
