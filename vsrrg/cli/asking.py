"""``vsrrg derain --preview``: a look at a page first, then the question whether to go on."""

from __future__ import annotations

import sys
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vsrrg.cli.progress import ProgressBar
from vsrrg.cli.say import say
from vsrrg.hooks import Job
from vsrrg.hooks.observers import observed

if TYPE_CHECKING:
    from vsrrg.engine import Options


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def wanted(source: Path, options: Options, files: int, *, yes: bool) -> bool:
    """Writes a page about the source, and asks whether the files shall be derained like that.

    With `yes` the page is told and nobody is asked; else it is opened in the browser, too.

    Raises:
        MediaError, FormatError, OptionError: as `vsrrg.compare.preview`.
    """
    from vsrrg.compare import preview

    page = Path(f"{source.stem}-preview.html")
    options = replace(options, output="clean")
    job = Job(kind="preview", source=str(source), target=str(page), options=options)
    with observed(job, ProgressBar("preview ")) as progress:
        made = preview(source, options, page, progress=progress)
    say(f"vsrrg: {made.path} shows what becomes of {source}", err=True)
    if yes:
        return True
    webbrowser.open(made.path.resolve().as_uri())
    what = "this file" if files == 1 else f"all {files} files"
    return click.confirm(f"Derain {what} like that?", err=True)
