"""``vsrrg filters``: what ``--filter`` takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from vsrrg.cli.say import say

if TYPE_CHECKING:
    from vsrrg.hooks import FilterDescriptor
    from vsrrg.hooks.manager import Offer

EPILOG = """\b
Examples:
  vsrrg filters                                    what there is
  vsrrg filters --json                             the same for programs
  vsrrg derain --filter NAME:key=value IN OUT      use one
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def filters(as_json: bool) -> None:
    """List the filters that plugins offer, with their parameters."""
    from vsrrg.hooks import filters as offered

    facts = [_facts(offer) for offer in offered.filters()]
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    if not facts:
        say("There is none: filters come from plugins.")
        return
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    rows = [
        (escape(fact["name"]), escape(fact["description"]), escape(_written(fact)), escape(fact["source"]))
        for fact in facts
    ]
    print_table(("name", "description", "parameters", "source"), rows)


def _facts(offer: Offer[FilterDescriptor]) -> dict[str, Any]:
    from vsrrg.hooks.filters import parameters

    return {
        "name": offer.item.name,
        "description": offer.item.description,
        "source": offer.plugin,
        "parameters": [
            {
                "name": one.name,
                "required": one.default is one.empty,
                "default": None if one.default is one.empty else str(one.default),
            }
            for one in parameters(offer.item)
        ],
    }


def _written(fact: dict[str, Any]) -> str:
    """The parameters as users write them; what stands in brackets may be left out."""
    words = [
        f"{one['name']}=..." if one["required"] else f"[{one['name']}={one['default']}]"
        for one in fact["parameters"]
    ]
    return ",".join(words)
