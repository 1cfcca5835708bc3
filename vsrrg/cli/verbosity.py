"""The options -v and -vv, of the group and of every command, be it a plugin's."""

from __future__ import annotations

import logging
from typing import Any

import click

from vsrrg.logs import listening

STEPS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""What is logged without -v, with -v and with -vv."""
_KEY = "vsrrg.verbosity"


def _louder(ctx: click.Context, param: click.Parameter, count: int) -> None:
    if count and not ctx.resilient_parsing:
        ctx.meta[_KEY] = ctx.meta.get(_KEY, 0) + count
        ctx.with_resource(listening(STEPS[min(ctx.meta[_KEY], len(STEPS) - 1)]))


def _hush(ctx: click.Context, param: click.Parameter, hush: bool) -> None:
    if hush and not ctx.resilient_parsing:
        ctx.with_resource(listening(logging.ERROR))


def verbose_option() -> click.Option:
    """The option that says more: decisions, twice also commands, plugins' calls and times."""
    return click.Option(
        ["-v", "--verbose"],
        count=True,
        expose_value=False,
        callback=_louder,
        help="Say what is decided, and why; -vv also what is run and how long it takes.",
    )


def quiet_option() -> click.Option:
    """The group's option that says less; commands have their own, for what they show."""
    return click.Option(
        ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_hush, help="Show no warnings."
    )


def with_verbosity[C: click.Command](command: C) -> C:
    """The command, which now takes -v; one that takes it already, for whatever, stays as it is."""
    taken = {name for param in command.params for name in param.opts}
    if not taken & {"-v", "--verbose"}:
        command.params.append(verbose_option())
    if isinstance(command, click.Group):
        for one in command.commands.values():
            with_verbosity(one)
    return command


def add_to_group(group: Any) -> Any:
    """A decorator: the group takes -v and -q."""
    group.params += [verbose_option(), quiet_option()]
    return group
