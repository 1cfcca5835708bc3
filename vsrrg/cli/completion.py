"""``vsrrg completion``: lets bash, zsh and fish complete vsrrg's words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

EPILOG = """\b
Examples:
  vsrrg completion bash > ~/.local/share/bash-completion/completions/vsrrg
  vsrrg completion zsh > "${fpath[1]}/_vsrrg"
  vsrrg completion fish > ~/.config/fish/completions/vsrrg.fish
  eval "$(vsrrg completion bash)"      for this shell only

New shells complete then: commands, options, models, filters, encoders, codes of errors and file names.
"""


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL: bash, zsh or fish."""
    from vsrrg.cli import bash  # noqa: F401 - registers itself

    kind = get_completion_class(shell)
    assert kind is not None
    group = ctx.find_root()
    click.echo(kind(group.command, {}, "vsrrg", "_VSRRG_COMPLETE").source())
