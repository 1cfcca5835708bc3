"""The way past one machine: `vsrrg farm`, on Ray."""

from __future__ import annotations

from pathlib import Path

import click

from vsrrg.cli.plugin import LazyCommand
from vsrrg.hooks import ErrorDescriptor, hookimpl

vsrrg_api = 1

ERRORS = {
    "ray-cluster": "Ray cannot be started or joined, or none of its machines can work.",
    "ray-workers": "The workers that were asked for cannot be.",
}
"""Codes of errors and what they mean; the folder errors has a page on each."""


@hookimpl
def vsrrg_commands() -> list[click.Command]:
    """Adds the command ``farm``."""
    return [
        LazyCommand("farm", "Remove the rain from many or long files, on all machines.", "vsrrg_ray.farm")
    ]


@hookimpl
def vsrrg_errors() -> list[ErrorDescriptor]:
    """Adds the codes of the errors that only this plugin has."""
    pages = Path(__file__).parent / "errors"
    return [ErrorDescriptor(code, line, pages / f"{code}.md") for code, line in ERRORS.items()]
