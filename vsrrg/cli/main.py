"""The command group ``vsrrg``, and what the shell sees of errors: one sentence and an exit code."""

from __future__ import annotations

import contextlib
import difflib
import errno
import io
import logging
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from types import FrameType
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
        manager, log = get_manager(), logging.getLogger("vsrrg.cli")
        owners: dict[str | None, str] = {}
        for plugin in manager.active():
            try:
                commands: list[click.Command] = manager.ask(plugin, "vsrrg_commands", click.Command)
            except PluginError as error:
                log.warning("%s", error)
                continue
            for command in commands:
                owner = owners.setdefault(command.name, plugin)
                if not command.name:
                    log.warning("plugin %s has a command without a name, which is left out", plugin)
                elif command.name in found:
                    log.warning(
                        "command %r of plugin %s is left out: plugin %s has one of that name",
                        command.name,
                        plugin,
                        owner,
                    )
                else:
                    found[command.name] = with_verbosity(command)
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
            ctx.fail(f"There is no command {args[0]!r}" + (f": did you mean {near[0]!r}?" if near else ""))
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
    interrupts: list[int] = []
    try:
        if "_VSRRG_COMPLETE" in os.environ:
            from vsrrg.cli import bash  # noqa: F401 - registers itself
        with listening(wanted_level() or logging.WARNING), _counting(interrupts):
            code = cli.main(words, prog_name="vsrrg", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.UsageError as error:
        say(f"vsrrg: {misused(error)}", err=True)
        return error.exit_code
    except click.ClickException as error:
        object.__setattr__(error, "message", printable(error.message, keep="\n\t"))
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader of our output has gone, as in `vsrrg models | head -1`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        return _report(error, words)
    except SystemExit:
        raise
    except BaseException as error:  # Panics of libraries in Rust are no Exceptions.
        # Libraries in C may make another error of an interruption, as numpy does of one while it is imported.
        return _interrupted() if interrupts else _report(error, words)


def misused(error: click.UsageError) -> str:
    """What is wrong with the words of a command, in one sentence, with its code."""
    text = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        near = difflib.get_close_matches(error.option_name, error.possibilities or (), n=1)
        text = f"there is no option {error.option_name!r}" + (f": did you mean {near[0]!r}?" if near else "")
    text = f"{text[0].lower()}{text[1:]}"
    if re.search(r" \[[a-z-]+\]$", text):
        return text
    command = error.ctx.command_path if error.ctx is not None else "vsrrg"
    hint = "" if text.endswith("?") else f"; '{command} --help' shows what there is"
    return f"{text}{hint} [wrong-words]"


@contextlib.contextmanager
def _counting(interrupts: list[int]) -> Iterator[None]:
    """Notes each ^C in the list, beside raising KeyboardInterrupt."""
    before = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread()
    if not ours or before is not signal.default_int_handler:  # such as ignored: behind nohup
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted() -> int:
    say("vsrrg: interrupted [interrupted]", err=True)
    return 130


def _report(error: BaseException, words: list[str]) -> int:
    if "--debug" in words:
        say(*"".join(traceback.format_exception(error)).splitlines(), err=True)
    elif isinstance(error, ImportError):
        say(
            f"vsrrg: what is needed cannot be imported: {one_line(error)}; 'vsrrg doctor' says what to do "
            "[missing-package]",
            err=True,
        )
    elif isinstance(error, VsrrgError):
        say(f"vsrrg: {tagged(error)}", err=True)
    else:
        say(
            f"vsrrg: unexpected {one_line(error)} (vsrrg --debug COMMAND shows where, and "
            "'vsrrg explain unexpected' where to report it) [unexpected]",
            err=True,
        )
    return 1
