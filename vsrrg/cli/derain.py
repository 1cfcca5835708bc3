"""`vsrrg derain`: a video file in, the same without rain out."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vsrrg.cli.memory import max_memory_option

if TYPE_CHECKING:
    from vsrrg.engine import Options
    from vsrrg.ffmpeg.transcode import EncodeOptions

EPILOG = """\b
Examples:
  vsrrg derain rain.mp4 clean.mkv
  vsrrg derain rain.mkv clean.mkv --encoder ffv1
  vsrrg derain old.avi clean.mp4 --filter-in bwdif --crf 20
  vsrrg derain rain.mp4 layer.mkv --output rain
"""


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the engine but for what comes out, for every command that derains."""
    options = (
        click.option(
            "--model", default="general", show_default=True, help="A model's name, or a weight file."
        ),
        click.option("--backend", default="torch", show_default=True, help="What runs the model."),
        click.option("--device", help="cpu, cuda or cuda:N; by default CUDA if there is any."),
        click.option("--precision", help="fp32, bf16 or fp16; by default what the device does fast."),
        max_memory_option,
        click.option(
            "--strength",
            type=float,
            default=1.0,
            show_default=True,
            help="Share of the rain to remove, 0 to 1.",
        ),
        click.option(
            "--lookahead",
            type=int,
            metavar="FRAMES",
            help="Frames of the future to look at; 0 for live video, where each frame comes out at once. "
            "By default as many as the model sees.",
        ),
        click.option(
            "--scene-cuts/--no-scene-cuts",
            default=True,
            show_default=True,
            help="Look for scene cuts, and never mix frames across one.",
        ),
        click.option(
            "--filter",
            "filters",
            metavar="NAME[:key=value,...]",
            multiple=True,
            help="A filter from 'vsrrg filters', such as mask:left=8,top=8; may be repeated, in that order.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All options of the engine, for every command that gives video."""
    output = click.option(
        "--output",
        type=click.Choice(["clean", "rain"]),
        default="clean",
        show_default=True,
        help="The clean video, or the layer of rain that was removed.",
    )
    return engine_options(output(command))


def encode_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the encoding, for every command that writes files."""
    options = (
        click.option(
            "--encoder", "-c:v", help="ffmpeg's video encoder; by default one that keeps the pixel format."
        ),
        click.option("--crf", type=float, help="Constant quality, in the encoder's scale."),
        click.option("--qp", type=int, help="Constant quantizer; 0 is lossless with libx264."),
        click.option("--preset", help="The encoder's preset."),
        click.option("--pix-fmt", help="Pixel format of the output; by default that of the input."),
        click.option(
            "--filter-in", metavar="FILTERS", help="ffmpeg filters before deraining, such as bwdif."
        ),
        click.option("--filter-out", metavar="FILTERS", help="ffmpeg filters after deraining."),
        click.option(
            "--ffmpeg-args",
            metavar="TEXT",
            default="",
            help='More of ffmpeg\'s output options: "-c:a aac -b:a 192k".',
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_choices(choices: dict[str, Any]) -> tuple[Options, EncodeOptions]:
    """What was chosen through `model_options` and `encode_options`, by the names of their options.

    Raises:
        OptionError: a value is not allowed.
    """
    from vsrrg.engine import Options
    from vsrrg.ffmpeg.transcode import EncodeOptions

    engine = {field.name: choices[field.name] for field in fields(Options)}
    rest = {name: value for name, value in choices.items() if name not in engine}
    crf: float | None = rest["crf"]
    if crf is not None and crf.is_integer():
        rest["crf"] = int(crf)
    return Options(**engine), EncodeOptions(**rest)


@click.command(epilog=EPILOG)
@click.argument("input", type=click.Path(path_type=Path), metavar="IN")
@click.argument("target", type=click.Path(path_type=Path), metavar="OUT")
@model_options
@encode_options
@click.option("--overwrite", "-y", is_flag=True, help="Replace OUT if it exists.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress and no summary.")
def derain(input: Path, target: Path, overwrite: bool, quiet: bool, **choices: Any) -> None:
    """Remove the rain from the video IN and write OUT.

    Timestamps, colours, HDR data, rotation, sound, subtitles, attachments, chapters and tags are kept.
    OUT's suffix chooses the container; it appears when it is complete.
    """
    from vsrrg.cli.progress import ProgressBar
    from vsrrg.engine.memory import keep_freed_memory
    from vsrrg.ffmpeg.transcode import derain_file
    from vsrrg.hooks import Job
    from vsrrg.hooks.observers import observed

    keep_freed_memory()
    options, encode = read_choices(choices)
    shown = [] if quiet else [ProgressBar()]
    job = Job(kind="derain", source=str(input), target=str(target), options=options)
    with ending_on_sigterm(), observed(job, *shown) as progress:
        result = derain_file(input, target, options, encode, overwrite=overwrite, progress=progress)
    if result.dropped and not quiet:
        click.echo(f"vsrrg: {target.suffix} holds no {', no '.join(result.dropped)}; .mkv would", err=True)
    if not quiet and sys.stderr.isatty():
        click.echo(
            f"{target}: {result.frames} frames in {result.seconds:.1f} s: {result.fps:.1f} fps",
            err=True,
        )


@contextlib.contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the program as an exception, so that unfinished files are removed."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
