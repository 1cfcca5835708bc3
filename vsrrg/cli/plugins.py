"""``vsrrg plugins``: what was found, what works, and why the rest does not."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

EPILOG = """\b
Examples:
  vsrrg plugins             a table
  vsrrg plugins --json      the same for programs

VSRRG_PLUGINS=off loads none but vsrrg's own; VSRRG_PLUGINS=NAME,NAME loads those only.
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def plugins(as_json: bool) -> None:
    """List the plugins, and why a broken one was skipped."""
    from vsrrg.hooks.manager import plugin_states

    states = plugin_states()
    if as_json:
        click.echo(json.dumps([asdict(state) for state in states], indent=2))
        return
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    colours = {"active": "green", "broken": "red", "off": "yellow"}
    rows = [
        (
            escape(state.name),
            escape(f"{state.distribution} {state.version}".strip()),
            "" if state.api is None else str(state.api),
            f"[{colours[state.state]}]{state.state}[/]",
            escape(state.reason) or ", ".join(hook.removeprefix("vsrrg_") for hook in state.hooks),
        )
        for state in states
    ]
    print_table(("name", "package", "API", "state", "hooks, or reason"), rows)
