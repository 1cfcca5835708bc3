"""``vsrrg preview``: what deraining would do to a video, from a few of its seconds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from vsrrg.cli.compare import finish, page_options, read_options
from vsrrg.cli.derain import ending_on_sigterm, engine_options

EPILOG = """\b
Examples:
  vsrrg preview rain.mp4 --open
  vsrrg preview rain.mp4 --model fast --duration 2
"""


@click.command(epilog=EPILOG)
@click.argument("input", type=click.Path(path_type=Path), metavar="IN")
@page_options("preview", "1", "Length of each excerpt, as seconds or h:mm:ss.")
@engine_options
@click.pass_context
def preview(
    context: click.Context,
    /,
    input: Path,
    target: Path | None,
    duration: Fraction,
    height: int,
    max_size: int,
    show: bool,
    quiet: bool,
    **chosen: Any,
) -> None:
    """Show what deraining would do to the video IN, in moments.

    Looks at places spread over IN, derains three excerpts, those with most, medium and least rain, and
    writes them as a page like that of 'vsrrg compare'.
    """
    from vsrrg.cli.progress import ProgressBar
    from vsrrg.compare import Choices
    from vsrrg.compare import preview as write
    from vsrrg.engine.memory import keep_freed_memory
    from vsrrg.hooks import Job
    from vsrrg.hooks.observers import observed

    keep_freed_memory()
    options = read_options(context)
    target = target or Path(f"{input.stem}-preview.html")
    choices = Choices(duration=duration, height=height, max_bytes=max_size)
    job = Job(kind="preview", source=str(input), target=str(target), options=options)
    shown = [] if quiet else [ProgressBar()]
    with ending_on_sigterm(), observed(job, *shown) as progress:
        made = write(input, options, target, choices=choices, progress=progress)
    finish(made, show=show, quiet=quiet)
