"""The way past one machine: `vsrrg farm`, on Ray."""

from __future__ import annotations

import click

from vsrrg.cli.plugin import LazyCommand
from vsrrg.hooks import hookimpl

vsrrg_api = 1


@hookimpl
def vsrrg_commands() -> list[click.Command]:
    """Adds the command ``farm``."""
    return [
        LazyCommand("farm", "Remove the rain from many or long files, on all machines.", "vsrrg_ray.farm")
    ]
