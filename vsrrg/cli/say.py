"""What the commands say to people: every line of it goes through here."""

from __future__ import annotations

import click

from vsrrg.printable import printable


def say(*lines: object, err: bool = False) -> None:
    """Prints lines to stdout, or stderr; control characters in them, such as those of names, are escaped."""
    for line in lines:
        click.echo(printable(line), err=err)
