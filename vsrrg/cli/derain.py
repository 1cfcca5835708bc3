"""`vsrrg derain`: video files in, the same without rain out."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from vsrrg.cli import words as completed
from vsrrg.cli.memory import max_memory_option
from vsrrg.cli.say import say
from vsrrg.ffmpeg.encoders import QUALITIES

if TYPE_CHECKING:
    from vsrrg.engine import Options
    from vsrrg.ffmpeg.transcode import EncodeOptions

EPILOG = """\b
Examples:
  vsrrg derain rain.mp4 clean.mkv
  vsrrg derain rain.mkv clean.mkv --encoder ffv1
  vsrrg derain old.avi clean.mp4 --filter-in bwdif --crf 20
  vsrrg derain rain.mp4 layer.mkv --output rain
  vsrrg derain videos clean --suffix mkv           a folder, with the folders in it
  vsrrg derain 'videos/**/*.mp4' clean --dry-run   what would be done
  vsrrg derain film.mkv clean.mkv --resume         goes on where it was interrupted

\b
Exit codes:
  0    all done, or skipped because it was there
  1    some or all inputs failed; the others are done
  2    wrong words; nothing was begun
  130  interrupted by ^C; 143 by SIGTERM, 129 by SIGHUP

\b
More, such as the lines of --json: docs/derain.md
"""


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the engine but for what comes out, for every command that derains."""
    options = (
        click.option(
            "--model",
            default="general",
            show_default=True,
            shell_complete=completed.model_names,
            help="A model's name, or a weight file.",
        ),
        click.option(
            "--backend",
            default="torch",
            show_default=True,
            shell_complete=completed.backend_names,
            help="What runs the model.",
        ),
        click.option(
            "--device",
            shell_complete=completed.device_names,
            help="cpu, cuda or cuda:N; by default CUDA if there is any.",
        ),
        click.option(
            "--precision",
            shell_complete=completed.precision_names,
            help="fp32, bf16 or fp16; by default what the device does fast.",
        ),
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
            shell_complete=completed.filter_names,
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


layout_option = click.option(
    "--layout",
    type=click.Choice(["side-by-side", "split"]),
    help="Show the original, too: left of the output, or as its left half.",
)


def encode_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the encoding, for every command that writes files."""
    options = (
        click.option(
            "--encoder",
            "-c:v",
            shell_complete=completed.encoder_names,
            help="ffmpeg's video encoder; by default one that keeps the pixel format, and the codec where "
            "the container can.",
        ),
        click.option(
            "--quality",
            type=click.Choice(QUALITIES),
            help="How good the output shall be; the options beside this one win over it.  "
            "[default: close to visually-lossless]",
        ),
        click.option("--crf", type=float, help="Constant quality, in the encoder's scale."),
        click.option("--qp", type=int, help="Constant quantizer; 0 is lossless with libx264."),
        click.option("--preset", help="The encoder's preset."),
        click.option(
            "--pix-fmt",
            shell_complete=completed.pix_fmt_names,
            help="Pixel format of the output; by default that of the input.",
        ),
        layout_option,
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
@click.argument("words", nargs=-1, required=True, metavar="IN... OUT", shell_complete=completed.file_names)
@click.option(
    "--suffix", help="Suffix of the outputs in a folder, such as mkv; by default that of each input."
)
@model_options
@encode_options
@click.option(
    "--overwrite", "-y", is_flag=True, help="Replace outputs that exist, which else are skipped, or refused."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--resume",
    is_flag=True,
    help="Work in pieces, kept beside the output until it is there, and go on where the same command was "
    "interrupted. Short files, those without key frames to cut at, and jobs with ffmpeg filters are one "
    "piece.",
)
@click.option(
    "--preview",
    is_flag=True,
    help="First show three moments of the (first) input on a page, and ask whether to go on.",
)
@click.option("--yes", is_flag=True, help="Go on after --preview without a question.")
@click.option("--json", "as_json", is_flag=True, help="Tell programs what happens: a JSON object a line.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress and no summary.")
@click.pass_context
def derain(
    context: click.Context,
    /,
    words: tuple[str, ...],
    suffix: str | None,
    overwrite: bool,
    dry_run: bool,
    resume: bool,
    preview: bool,
    yes: bool,
    as_json: bool,
    quiet: bool,
    **choices: Any,
) -> None:
    """Remove the rain from the video IN and write OUT, or from many into the folder OUT.

    Timestamps, colours, HDR data, rotation, sound, subtitles, attachments, chapters and tags are kept.
    OUT's suffix chooses the container; it appears when it is complete.

    Several INs, a folder, and a quoted pattern with *, ? or ** become files in the folder OUT, which is made
    if needed; what lies in folders of IN lies in such folders of OUT. Outputs that exist are skipped.
    """
    from vsrrg.batch.inputs import find_inputs, name_targets
    from vsrrg.batch.run import Batch, check_choices, plan_batch, run_batch
    from vsrrg.cli.asking import can_ask, wanted
    from vsrrg.cli.telling import Teller
    from vsrrg.engine.memory import keep_freed_memory

    if len(words) < 2:
        raise click.UsageError("Missing argument 'OUT'.")
    if preview and not (yes or can_ask()):
        raise Misuse("--preview asks whether to go on, but stdin is no terminal: add --yes")
    *ins, out = words
    with misuse():
        options, encode = read_choices(choices)
        check_choices(options, encode)
        found = find_inputs(ins)
        pairs = name_targets(found, out, suffix)
    many = found.many or pairs[0].target != Path(out)
    batch = Batch(
        pairs=tuple(pairs),
        options=options,
        encode=encode,
        out=Path(out),
        many=many,
        left_out=found.left_out,
        overwrite=overwrite,
        resume=resume,
    )
    teller = Teller(many=many, quiet=quiet, programs=as_json)
    keep_freed_memory()
    with ending_on_sigterm():
        if preview and not wanted(pairs[0].source, options, len(pairs), yes=yes):
            return
        tell = teller.tell
        summary = plan_batch(batch, tell) if dry_run else run_batch(batch, tell, teller.observers)
    if summary.failed:
        context.exit(1)


class Misuse(click.ClickException):
    """Words that make no sense, told in one sentence."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        say(f"vsrrg: {self.message}", err=True)


@contextlib.contextmanager
def misuse() -> Iterator[None]:
    """Makes of what is wrong before anything was begun a matter of usage, with its exit code."""
    from vsrrg.errors import MediaError, ModelError, OptionError, tagged

    try:
        yield
    except (MediaError, ModelError, OptionError) as error:
        raise Misuse(tagged(error)) from error


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
