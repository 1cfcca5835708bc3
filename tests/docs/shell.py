"""What lines of shell ask for, and whether the programs that they name have these options."""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import click

from tests.docs.blocks import ROOT
from vsrrg.cli.plugin import LazyCommand

BREAKS = frozenset("|&;()")
TRUSTED = frozenset(
    {
        "cd",
        "cp",
        "mv",
        "sed",
        "export",
        "openssl",
        "ffmpeg",
        "grep",
        "vspipe",
        "vspreview",
        "vsedit",
        "x264",
        "x265",
    }
)
"""Programs of others, whose options nothing here knows."""


@dataclass(frozen=True)
class Command:
    """One program with its words."""

    program: str
    words: tuple[str, ...]


def lines(code: str) -> list[str]:
    """The logical lines with something to do."""
    joined = code.replace("\\\n", " ").splitlines()
    return [line for line in joined if shlex.split(line, comments=True)]


def commands(line: str) -> list[Command]:
    """The commands of a line, without assignments and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    skip = False
    for word in lexer:
        if set(word) <= set("<>&") and set(word) & set("<>"):
            skip = True
        elif set(word) <= BREAKS:
            found.append([])
        elif skip:
            skip = False
        else:
            found[-1].append(word)
    return [made for words in found if (made := _command(words)) is not None]


def _command(words: list[str]) -> Command | None:
    while words and (words[0] == "$" or "=" in words[0].partition("/")[0]):
        words = words[1:]
    return Command(words[0], tuple(words[1:])) if words else None


def check(line: str) -> None:
    """Raises an error unless every command of the line is one that exists, with options that it has."""
    for command in commands(line):
        if command.program not in CHECKS:
            assert command.program in TRUSTED, f"nobody knows what {command.program!r} takes: {line}"
            continue
        try:
            CHECKS[command.program](command.words)
        except click.ClickException as error:
            raise AssertionError(f"{line}: {error.format_message()}") from error


def _click(load: Callable[[], click.Command]) -> Callable[[Sequence[str]], None]:
    def check_words(words: Sequence[str]) -> None:
        # On pages, [] is what may be left out, and ... what the reader adds.
        stripped = [word.strip("[]") for word in words if word != "..."]
        _check_click(load(), stripped)

    return check_words


def _check_click(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    command = command.load() if isinstance(command, LazyCommand) else command
    context = click.Context(command, parent=parent, info_name=command.name)
    given, left, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group):
        name, chosen, rest = command.resolve_command(context, left)
        assert chosen is not None, f"there is no command {name}"
        _check_click(chosen, rest, context)
        return
    if left:
        raise click.UsageError(f"{left[0]!r} is one word too many", context)
    for parameter in command.params:
        value = given.get(parameter.name or "")
        plain = isinstance(
            parameter.type, click.Choice | click.types.IntParamType | click.types.FloatParamType
        )
        if plain and value is not None and isinstance(parameter, click.Option) and not parameter.is_flag:
            parameter.type_cast_value(context, value)


def _vsrrg() -> click.Command:
    from vsrrg.cli.main import cli

    return cli


def _train() -> click.Command:
    from vsrrg_training.cli.main import main

    return main


def _ray() -> click.Command:
    from ray.scripts.scripts import cli

    return cli  # type: ignore[no-any-return]


def _python(words: Sequence[str]) -> None:
    if words[0] == "-m":
        assert find_spec(words[1]), f"there is no module {words[1]}"
        if words[1] in ("vsrrg", "vsrrg_training"):
            CHECKS[{"vsrrg": "vsrrg", "vsrrg_training": "vsrrg-train"}[words[1]]](words[2:])
        elif words[1] == "pip":
            _pip(words[2:])
        elif words[1] == "pytest":
            _files(word for word in words[2:] if not word.startswith("-"))
    else:
        _files(words[:1])


def _files(words: Iterable[str]) -> None:
    for word in words:
        assert (ROOT / word).exists(), f"there is no {word}"


def _pip(words: Sequence[str]) -> None:
    """Of this project's own packages, the extras must exist."""
    assert words[0] == "install", words
    packages = {"vsrrg": ROOT, "vsrrg-training": ROOT / "training"}
    packages |= {path.name: path for path in ROOT.glob("plugins/*")}
    for word in words[1:]:
        name, _, extra = word.rstrip("]").partition("[")
        if extra and name in packages:
            project = tomllib.loads((packages[name] / "pyproject.toml").read_text())["project"]
            extras = set(project.get("optional-dependencies", {}))
            assert set(extra.split(",")) <= extras, f"{name} has no extra {extra}"


def _make(words: Sequence[str]) -> None:
    rules = (ROOT / "Makefile").read_text().splitlines()
    targets = {rule.partition(":")[0] for rule in rules if ":" in rule and not rule.startswith(("\t", "#"))}
    assert {word for word in words if "=" not in word} <= targets, words


def _npm(words: Sequence[str]) -> None:
    scripts = json.loads((ROOT / "web/package.json").read_text())["scripts"]
    assert words[0] == "ci" or (words[0] == "run" and words[1] in scripts), words


def _bash(words: Sequence[str]) -> None:
    _files(words[:1])


def _timeout(words: Sequence[str]) -> None:
    CHECKS[words[1]](words[2:])


def _torchrun(words: Sequence[str]) -> None:
    _python(words[list(words).index("-m") :])


CHECKS: dict[str, Callable[[Sequence[str]], None]] = {
    "vsrrg": _click(_vsrrg),
    "vsrrg-train": _click(_train),
    "ray": _click(_ray),
    "python": _python,
    "pip": _pip,
    "make": _make,
    "npm": _npm,
    "bash": _bash,
    "timeout": _timeout,
    "torchrun": _torchrun,
}
