"""The command group ``vsrrg``, and what the shell sees of errors: one sentence and an exit code."""

from __future__ import annotations

import difflib
import errno
import io
import logging
import os
import sys
import traceback
from typing import NoReturn

import click

from vsrrg import __version__
from vsrrg.cli.say import say
from vsrrg.cli.verbosity import add_to_group, with_verbosity
from vsrrg.errors import PluginError, VsrrgError, one_line, tagged
from vsrrg.logs import listening, wanted_level
from vsrrg.printable import printable


class PluginGroup(click.Group):
    """A group whose commands come from the hook ``vsrrg_commands``; a failing plugin's are left out."""

    def _found(self, ctx: click.Context) -> dict[str, click.Command]:
        from vsrrg.hooks.manager import get_manager

        found: dict[str, click.Command] | None = ctx.meta.get("vsrrg.commands")
        if found is not None:
            return found
        found = {}
        manager = get_manager()
        for plugin in manager.active():
            try:
                commands: list[click.Command] = manager.ask(plugin, "vsrrg_commands", click.Command)
            except PluginError as error:
                logging.getLogger("vsrrg.cli").warning("%s", error)
                continue
            for command in commands:
                if command.name:
                    found.setdefault(command.name, with_verbosity(command))
        ctx.meta["vsrrg.commands"] = found
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._found(ctx))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return self._found(ctx).get(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "'vsrrg --help' lists the commands."
            ctx.fail(f"There is no command {args[0]!r}: {hint}")
        return super().resolve_command(ctx, args)


EPILOG = """\b
Examples:
  vsrrg derain rain.mp4 clean.mkv     a file; audio, subtitles and metadata are kept
  vsrrg demo rain.mp4                 a clean copy and a before/after picture
  vsrrg COMMAND --help                options and examples of one command
"""


@add_to_group
@click.group(cls=PluginGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vsrrg")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Remove rain streaks from video."""


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the program and exits.

    Exit codes: 0 done, 1 failed (one sentence on stderr says why), 2 wrong usage, 130 interrupted.

    Args:
        args: the words after ``vsrrg``; those of the process where None.
    """
    words = sys.argv[1:] if args is None else args
    sys.exit(_run(words))


def _run(words: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # Names of files need not be text.
    try:
        if "_VSRRG_COMPLETE" in os.environ:
            from vsrrg.cli import bash  # noqa: F401 - registers itself
        with listening(wanted_level() or logging.WARNING):
            code = cli.main(words, prog_name="vsrrg", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        object.__setattr__(error, "message", printable(error.message, keep="\n\t"))
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("vsrrg: interrupted", err=True)
        return 130
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader of our output has gone, as in `vsrrg models | head -1`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        return _report(error, words)
    except Exception as error:
        return _report(error, words)


def _report(error: Exception, words: list[str]) -> int:
    if "--debug" in words:
        say(*"".join(traceback.format_exception(error)).splitlines(), err=True)
    elif isinstance(error, VsrrgError):
        say(f"vsrrg: {tagged(error)}", err=True)
    else:
        say(
            f"vsrrg: unexpected {one_line(error)} (vsrrg --debug COMMAND shows where, and "
            "'vsrrg explain unexpected' where to report it) [unexpected]",
            err=True,
        )
    return 1
