"""``vsrrg explain``: the page about an error, from the package itself."""

from __future__ import annotations

import sys

import click

from vsrrg.cli.words import error_codes

EPILOG = """\b
Examples:
  vsrrg explain target-exists       what it means, why it happens, what to do
  vsrrg explain                     every code in a line

The code stands in brackets behind the sentence that an error shows.
"""


@click.command(epilog=EPILOG)
@click.argument("code", required=False, shell_complete=error_codes)
def explain(code: str | None) -> None:
    """Explain an error by its CODE, or list the codes there are."""
    from vsrrg.hooks.errors import errors, find_error

    if code is not None:
        _show(find_error(code.strip("[]")).page.read_text("utf-8"))
        return
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    print_table(
        ("code", "meaning", "source"),
        [
            (escape(offer.item.name), escape(offer.item.description), escape(offer.plugin))
            for offer in errors()
        ],
    )


def _show(page: str) -> None:
    """Prints Markdown: set for a terminal, as it is into a pipe."""
    if not sys.stdout.isatty():
        click.echo(page, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(Markdown(page), width=min(console.width, 100))
