"""``vsrrg models``: the models to choose from, and the card of one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from vsrrg.cli.say import say
from vsrrg.cli.words import model_names

if TYPE_CHECKING:
    from vsrrg.hooks.manager import Offer
    from vsrrg.models import ModelDescriptor

EPILOG = """\b
Examples:
  vsrrg models                       what there is
  vsrrg models general               how it was trained, what it reaches, its hash
  vsrrg models my.safetensors        the same for a weight file of your own
  vsrrg derain --model NAME IN OUT   use one
"""


@click.command(epilog=EPILOG)
@click.argument("name", required=False, shell_complete=model_names)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
def models(name: str | None, as_json: bool) -> None:
    """List the models, or show the card of one.

    NAME is a model's name or the path of a .safetensors weight file.
    """
    from vsrrg.hooks import resolve
    from vsrrg.hooks.manager import Offer

    if name is None:
        facts = [_facts(offer) for offer in resolve.models()]
        if as_json:
            click.echo(json.dumps(facts, indent=2))
        else:
            _print_list(facts)
        return
    model = resolve.find_model(name)
    source = next((offer.plugin for offer in resolve.models() if offer.item.name == name), name)
    one = _facts(Offer(source, model))
    if as_json:
        click.echo(json.dumps(one, indent=2))
    else:
        say(*_card(one))


def _facts(offer: Offer[ModelDescriptor]) -> dict[str, Any]:
    model = offer.item
    return {
        "name": model.name,
        "description": model.description,
        "source": offer.plugin,
        "precisions": sorted(model.halves),
        "frames": 2 * model.radius + 1,
        "card": dict(model.card),
    }


def _print_list(facts: list[dict[str, Any]]) -> None:
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    rows = [
        (
            escape(fact["name"]),
            escape(fact["description"]),
            ", ".join(fact["precisions"]),
            escape(fact["source"]),
            escape(str(fact["card"].get("version", ""))),
            str(fact["card"].get("sha256", ""))[:12],
        )
        for fact in facts
    ]
    print_table(("name", "description", "precisions", "source", "version", "sha256"), rows)


def _card(facts: dict[str, Any]) -> list[str]:
    lines = [
        f"{facts['name']}: {facts['description']}",
        f"source: {facts['source']}",
        f"precisions: {', '.join(facts['precisions'])}",
        f"frames seen at once: {facts['frames']}",
    ]
    shown = {key: value for key, value in facts["card"].items() if key not in ("description", "precisions")}
    return lines + _tree(shown, "")


def _tree(values: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_tree(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{key}: {', '.join(map(str, value))}")
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
