"""The command group: quick, helpful, and calm when something fails."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import click
import pytest

import vsrrg as package
from tests.cli.cli_support import python, vsrrg
from vsrrg.cli.main import cli
from vsrrg.cli.plugin import COMMANDS
from vsrrg.hooks import API_VERSION, hookimpl, manager
from vsrrg.hooks.manager import PluginManager

HEAVY = ("torch", "vapoursynth", "cupy", "av", "rich", "numpy")


@pytest.mark.parametrize(
    "code",
    [
        "import vsrrg",
        "import sys; sys.argv = ['vsrrg', '--version']; import runpy; runpy.run_module('vsrrg')",
        "import sys; sys.argv = ['vsrrg', '--help']; import runpy; runpy.run_module('vsrrg')",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str) -> None:
    report = f"import atexit, sys; atexit.register(lambda: print([m for m in {HEAVY} if m in sys.modules]))"
    done = python("-c", f"{report}; {code}")
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_import_takes_less_than_a_fifth_of_a_second() -> None:
    code = "from time import perf_counter as now; start = now(); import vsrrg; print(now() - start)"
    assert min(float(python("-c", code).stdout) for _ in range(3)) < 0.2


def test_version() -> None:
    done = vsrrg("--version")
    assert (done.returncode, done.stdout) == (0, f"vsrrg, version {package.__version__}\n")


def test_help_lists_every_command_with_its_line() -> None:
    done = vsrrg("--help")
    assert done.returncode == 0
    for name, line in COMMANDS.items():
        assert f"  {name}" in done.stdout and line in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_an_example(name: str) -> None:
    command = getattr(import_module(f"vsrrg.cli.{name}"), name)
    assert isinstance(command, click.Command)
    done = vsrrg(name, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout and f"vsrrg {name}" in done.stdout.partition("Example")[2]


def test_without_a_command_it_says_how_to_go_on() -> None:
    done = vsrrg()
    assert done.returncode == 2
    assert "Usage: vsrrg" in done.stderr + done.stdout


@pytest.mark.parametrize(("typed", "hint"), [("dreain", "did you mean 'derain'?"), ("xyz", "'vsrrg --help'")])
def test_unknown_command(typed: str, hint: str) -> None:
    done = vsrrg(typed)
    assert done.returncode == 2
    assert f"There is no command '{typed}'" in done.stderr and hint in done.stderr


def test_closed_pipe_is_no_error() -> None:
    code = "import os, sys; os.close(1); from vsrrg.cli.main import main; main(['plugins', '--json'])"
    reader = subprocess.run(
        f"'{sys.executable}' -m vsrrg plugins --json | true", shell=True, capture_output=True
    )
    assert reader.stderr == b""
    assert "Traceback" not in python("-c", code).stderr


def test_commands_of_a_failing_plugin_are_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @hookimpl
    def vsrrg_commands() -> list[click.Command]:
        raise ZeroDivisionError("oh")

    plugin = SimpleNamespace(vsrrg_api=API_VERSION, vsrrg_commands=vsrrg_commands)
    entry: Any = SimpleNamespace(name="snow", load=lambda: plugin, dist=None)
    loaded = PluginManager([entry])
    monkeypatch.setattr(manager, "get_manager", lambda: loaded)
    context = click.Context(cli)
    assert cli.list_commands(context) == list(COMMANDS)
    assert "plugin snow failed in vsrrg_commands: ZeroDivisionError: oh" in caplog.text


def test_own_commands_cannot_be_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    thief = click.Command("derain")
    plugin = SimpleNamespace(vsrrg_api=API_VERSION, vsrrg_commands=hookimpl(lambda: [thief]))
    entry: Any = SimpleNamespace(name="thief", load=lambda: plugin, dist=None)
    loaded = PluginManager([entry])
    monkeypatch.setattr(manager, "get_manager", lambda: loaded)
    assert cli.get_command(click.Context(cli), "derain") is not thief
