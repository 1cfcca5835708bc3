"""``vsrrg compare``: a page that shows what deraining did."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from vsrrg.cli.derain import ending_on_sigterm, engine_options
from vsrrg.cli.memory import Bytes
from vsrrg.cli.say import say
from vsrrg.cli.times import Time

if TYPE_CHECKING:
    from vsrrg.compare import Made
    from vsrrg.engine import Options

EPILOG = """\b
Examples:
  vsrrg compare rain.mp4                         derained here and now
  vsrrg compare rain.mp4 clean.mkv --open        with what was derained before
  vsrrg compare rain.mp4 --model fast --start 1:20 --duration 5
  vsrrg compare rain.mp4 --reference dry.mp4     PSNR and SSIM as well
"""


def page_options(name: str, seconds: str, what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of a page, for every command that writes one."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        options = (
            click.option(
                "--out",
                "target",
                type=click.Path(path_type=Path),
                metavar="PAGE.html",
                help=f"The page; by default IN's name with -{name}.html, here. An earlier one is replaced.",
            ),
            click.option(
                "--duration",
                type=Time(positive=True),
                default=seconds,
                show_default=True,
                metavar="TIME",
                help=what,
            ),
            click.option(
                "--height",
                type=click.IntRange(16, 2160),
                default=720,
                show_default=True,
                help="Rows of the pictures on the page at most; figures are measured before scaling.",
            ),
            click.option(
                "--max-size",
                type=Bytes(),
                default="64M",
                show_default=True,
                metavar="SIZE",
                help="Of the page; it shows less where it would be larger.",
            ),
            click.option("--open", "show", is_flag=True, help="Open the page in the browser."),
            click.option("--quiet", "-q", is_flag=True, help="Show no progress and no summary."),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return add


def read_options(context: click.Context) -> Options:
    """What was chosen through `engine_options`. Raises OptionError for values that are not allowed."""
    from vsrrg.engine import Options

    names = {field.name for field in fields(Options)}
    return Options(**{name: value for name, value in context.params.items() if name in names})


def finish(made: Made, *, show: bool, quiet: bool) -> None:
    """Says what was written, and opens it."""
    if not quiet:
        say(f"{made.path}: {made.frames} frames, {made.size / 2**20:.1f} MiB")
        if made.full:
            say("The page is full: --max-size allows more, --height makes pictures smaller.")
    if show:
        webbrowser.open(made.path.resolve().as_uri())


@click.command(epilog=EPILOG)
@click.argument("input", type=click.Path(path_type=Path), metavar="IN")
@click.argument("clean", type=click.Path(path_type=Path), metavar="[CLEAN]", required=False)
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="VIDEO",
    help="The same scene without rain, frame by frame, to measure PSNR and SSIM against.",
)
@click.option(
    "--start",
    type=Time(),
    metavar="TIME",
    help="Where in IN to begin, as seconds or h:mm:ss; by default where most rain is seen.",
)
@page_options("compare", "10", "How much of IN to show at most, as seconds or h:mm:ss.")
@engine_options
@click.pass_context
def compare(
    context: click.Context,
    /,
    input: Path,
    clean: Path | None,
    reference: Path | None,
    start: Fraction | None,
    target: Path | None,
    duration: Fraction,
    height: int,
    max_size: int,
    show: bool,
    quiet: bool,
    **chosen: Any,
) -> None:
    """Show what deraining did to the video IN: one HTML page that needs nothing else.

    CLEAN is IN without rain, with the same frames; without it, IN is derained with the options below. The
    page plays both behind a divide, zooms, shows the rain as heat, and charts figures frame by frame. It
    works offline and on phones.
    """
    from vsrrg.cli.progress import ProgressBar
    from vsrrg.compare import Choices
    from vsrrg.compare import compare as write
    from vsrrg.engine.memory import keep_freed_memory
    from vsrrg.hooks import Job
    from vsrrg.hooks.observers import observed

    if clean is not None:
        for option in context.command.params:
            source = option.name in chosen and context.get_parameter_source(option.name)
            if source is ParameterSource.COMMANDLINE:
                raise click.UsageError(
                    f"{option.opts[0]} says how IN is derained, but CLEAN is given: leave one out."
                )
    keep_freed_memory()
    options = read_options(context) if clean is None else None
    derained = clean or options
    assert derained is not None
    target = target or Path(f"{input.stem}-compare.html")
    choices = Choices(start=start, duration=duration, height=height, max_bytes=max_size)
    job = Job(kind="compare", source=str(input), target=str(target), options=options)
    shown = [] if quiet else [ProgressBar()]
    with ending_on_sigterm(), observed(job, *shown) as progress:
        made = write(
            input,
            derained,
            target,
            reference=reference,
            choices=choices,
            progress=progress,
        )
    finish(made, show=show, quiet=quiet)
