"""vsrrg's own commands, registered through the public hook and imported only when they run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from vsrrg.hooks import API_VERSION, hookimpl

vsrrg_api = API_VERSION

COMMANDS = {
    "derain": "Remove the rain from video files.",
    "pipe": "Remove the rain from raw video between stdin and stdout.",
    "demo": "Derain the demo clip, or INPUT, and show before and after.",
    "compare": "Show before and after as a page: divide, heat, figures.",
    "preview": "Show in moments what deraining would do, on such a page.",
    "models": "List the models, or show the card of one.",
    "filters": "List the filters that plugins offer.",
    "bench": "Measure how fast this machine derains.",
    "doctor": "Check what vsrrg needs, and say what to do about the rest.",
    "explain": "Explain an error by its code.",
    "completion": "Print what makes a shell complete vsrrg's words.",
    "plugins": "List the plugins, and why a broken one was skipped.",
}
"""Name of each command and its line in ``vsrrg --help``; ``vsrrg.cli.NAME`` holds it under the same name."""


class LazyCommand(click.Command):
    """Stands for a command whose module is imported when it is used, so that ``vsrrg --help`` is quick."""

    def __init__(self, name: str, short_help: str, module: str | None = None) -> None:
        """The command ``name`` in a module, which is ``vsrrg.cli.NAME`` where None."""
        super().__init__(name, short_help=short_help)
        self.target = module or f"vsrrg.cli.{name}"

    def load(self) -> click.Command:
        """The command itself."""
        assert self.name is not None
        from vsrrg.cli.verbosity import with_verbosity

        command = getattr(import_module(self.target), self.name)
        assert isinstance(command, click.Command)
        return with_verbosity(command)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        return self.load().make_context(info_name, args, parent, **extra)


@hookimpl
def vsrrg_commands() -> list[click.Command]:
    return [LazyCommand(name, line) for name, line in COMMANDS.items()]
