"""The group that every command belongs to."""

from typing import Any

import click

from vsrrg_training.cli.datasets import datasets
from vsrrg_training.cli.evaluate import evaluate
from vsrrg_training.cli.export import export
from vsrrg_training.cli.gap import gap
from vsrrg_training.cli.gate import gate
from vsrrg_training.cli.sequence import sequence
from vsrrg_training.cli.synth import synth
from vsrrg_training.cli.train import train
from vsrrg_training.cli.ttl import ttl
from vsrrg_training.config import RecipeError


class _Group(click.Group):
    def invoke(self, context: click.Context) -> Any:
        from vsrrg.errors import VsrrgError

        try:
            return super().invoke(context)
        except (RecipeError, VsrrgError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group)
def main() -> None:
    """Make rain, train vsrrg's models on it, measure them and export weight files."""


for command in (datasets, evaluate, export, gap, gate, sequence, synth, train, ttl):
    main.add_command(command)
