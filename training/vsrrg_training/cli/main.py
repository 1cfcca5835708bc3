"""The group that every command belongs to, and what the shell sees of errors: one sentence."""

import errno
import logging
import os
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


class _Group(click.Group):
    def invoke(self, context: click.Context) -> Any:
        from vsrrg.errors import VsrrgError, one_line, tagged
        from vsrrg.logs import listening, wanted_level
        from vsrrg.printable import printable

        try:
            with listening(wanted_level() or logging.WARNING):
                return super().invoke(context)
        except (click.exceptions.Exit, click.Abort):
            raise
        except click.ClickException as error:
            object.__setattr__(error, "message", printable(error.message, keep="\n\t"))
            raise
        except Exception as error:
            if context.params["debug"] or (isinstance(error, OSError) and error.errno == errno.EPIPE):
                raise
            if isinstance(error, VsrrgError):
                said = tagged(error)
            elif isinstance(error, OSError) and error.filename and error.strerror:
                said = f"{error.filename} cannot be read or written: {error.strerror} [training-file]"
            else:
                said = f"unexpected {one_line(error)} (vsrrg-train --debug COMMAND shows where) [unexpected]"
            raise click.ClickException(printable(said)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Make rain, train vsrrg's models on it, measure them and export weight files."""
    # What OpenCV says of files that it cannot read, our own messages say.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")


for command in (datasets, evaluate, export, gap, gate, sequence, synth, train, ttl):
    main.add_command(command)
