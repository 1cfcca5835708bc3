"""``vsrrg-train datasets``."""

import json

import click

from vsrrg.cli.say import say


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead.")
def datasets(as_json: bool) -> None:
    """List the data sets that can be given by name: NAME, or NAME:FOLDER where you have unpacked it."""
    from vsrrg_training.datasets.dataset import KINDS
    from vsrrg_training.datasets.registry import data_sets
    from vsrrg_training.registry import OWN

    found = data_sets().values()
    if as_json:
        facts = [
            {
                "name": offer.item.name,
                "written": offer.item.written,
                "description": offer.item.description,
                "gives": [KINDS[kind] for kind in offer.item.gives],
                "licence": offer.item.licence,
                "origin": offer.item.origin,
                "plugin": offer.plugin,
            }
            for offer in found
        ]
        click.echo(json.dumps(facts, indent=2))
        return
    for offer in found:
        known = offer.item
        say(f"{known.written}: {known.description}")
        say(f"    {', '.join(KINDS[kind] for kind in known.gives)}; licence: {known.licence}")
        say(f"    {known.origin}" + (f" (plugin {offer.plugin})" if offer.plugin != OWN else ""))
