"""The command group: quick, helpful, and calm when something fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

import vsrrg as package
from tests.cli.cli_support import python, vsrrg
from vsrrg.cli.main import cli, main
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
    assert f"there is no command '{typed}'" in done.stderr and hint in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["derain", "a", "b", "--resum"], "there is no option '--resum': did you mean '--resume'?"),
        (["derain", "a", "b", "--zzz"], "there is no option '--zzz'; 'vsrrg derain --help' shows"),
        (["derain", "a.mkv"], "missing argument 'OUT'; 'vsrrg derain --help' shows what there is"),
        (["derain", "a", "b", "--crf", "x"], "invalid value for '--crf': 'x' is not a valid float; 'vsrrg"),
        (["derain", "a", "b", "--max-memory", "3X"], "'3X' is no amount of memory; write one such as 3G"),
    ],
)
def test_wrong_words_are_one_sentence(words: list[str], sentence: str) -> None:
    done = vsrrg(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert sentence in done.stderr and done.stderr.endswith(" [wrong-words]\n")


def test_a_package_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise ModuleNotFoundError(\"No module named 'av'\")")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = vsrrg("derain", "rain.mkv", tmp_path / "clean.mkv", PYTHONPATH=path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "No module named 'av'; 'vsrrg doctor' says what to do [missing-package]" in done.stderr


def test_an_interruption_that_became_another_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*given: object, **more: object) -> None:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        raise ImportError("numpy._core.multiarray failed to import")

    monkeypatch.setattr(cli, "main", load)
    usual = signal.default_int_handler
    before = signal.signal(signal.SIGINT, usual)  # A shell's background jobs start deaf to it.
    try:
        with pytest.raises(SystemExit) as ended:
            main([])
        assert ended.value.code == 130 and signal.getsignal(signal.SIGINT) is usual
    finally:
        signal.signal(signal.SIGINT, before)


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


def test_own_commands_cannot_be_taken_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    thief = click.Command("derain")
    plugin = SimpleNamespace(vsrrg_api=API_VERSION, vsrrg_commands=hookimpl(lambda: [thief]))
    entry: Any = SimpleNamespace(name="thief", load=lambda: plugin, dist=None)
    loaded = PluginManager([entry])
    monkeypatch.setattr(manager, "get_manager", lambda: loaded)
    assert cli.get_command(click.Context(cli), "derain") is not thief
    assert (
        "command 'derain' of plugin thief is left out: plugin vsrrg.cli.plugin has one of that name"
        in caplog.text
    )


def test_a_panic_in_a_command_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Panic(BaseException):
        pass

    def fall() -> None:
        raise Panic("called `unwrap` on a snowflake")

    fallen = SimpleNamespace(
        vsrrg_api=API_VERSION, vsrrg_commands=hookimpl(lambda: [click.Command("fall", callback=fall)])
    )
    entry: Any = SimpleNamespace(name="snow", load=lambda: fallen, dist=None)
    loaded = PluginManager([entry])
    monkeypatch.setattr(manager, "get_manager", lambda: loaded)
    with pytest.raises(SystemExit) as ended:
        main(["fall"])
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("vsrrg: unexpected Panic: called `unwrap` on a snowflake (vsrrg --debug COMMAND")
