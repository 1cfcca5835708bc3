"""What -v and -vv say of a real derain, on the group and behind the command."""

from __future__ import annotations

import logging
import pty
import re
import subprocess
import sys
from os import close, environ, pathsep, read
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.cli.cli_support import vsrrg
from vsrrg.cli.main import cli
from vsrrg.testing.discovery import isolated, plugin_of

DECISIONS = [
    r"vsrrg\.ffmpeg\.transcode: ffmpeg: \S+",
    r"vsrrg\.ffmpeg\.transcode: in: .*rainy\.mkv, 64x48 yuv420p ffv1 in matroska,webm, 9 frames; .*",
    r"vsrrg\.ffmpeg\.encoders: encoder ffv1: the first of ffv1 that takes yuv420p",
    r"vsrrg\.ffmpeg\.transcode: out: .*clean\.mkv, .*c:v:0=ffv1.*",
    r"vsrrg\.hooks\.resolve: model fast \S+, weights [0-9a-f]{12}; backend torch",
    r"vsrrg\.engine\.device: device cpu: asked for",
    r"vsrrg\.engine\.device: precision fp32: asked for",
    r"vsrrg\.hooks\.resolve: plan: windows of 3 frames, 1 of the future; .*",
    r"vsrrg\.engine\.budget: memory: \S+ at most for \d+ frames of 64x48 yuv420p8 held, .*",
]
OPTIONS = ("--model", "fast", "--device", "cpu", "--precision", "fp32")


def matching(line: str) -> list[str]:
    return [pattern for pattern in DECISIONS if re.fullmatch(pattern, line)]


def test_without_it_nothing_is_said(rainy: Path, tmp_path: Path) -> None:
    done = vsrrg("derain", rainy, tmp_path / "clean.mkv", *OPTIONS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_once_it_says_what_is_decided(rainy: Path, tmp_path: Path) -> None:
    done = vsrrg("derain", "-v", rainy, tmp_path / "clean.mkv", *OPTIONS)
    assert done.returncode == 0 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert [matching(line) for line in lines] == [[pattern] for pattern in DECISIONS], done.stderr


def test_twice_also_what_is_run_and_how_long_it_takes(rainy: Path, tmp_path: Path) -> None:
    done = vsrrg("-v", "derain", rainy, tmp_path / "clean.mkv", "-v", *OPTIONS)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert [found for line in lines for found in matching(line)] == DECISIONS
    more = [line for line in lines if not matching(line)]
    commands = [line for line in more if re.match(r"vsrrg\.ffmpeg\.(inspection|process): run: ", line)]
    assert len(commands) == 3 and " -f nut " in commands[1] and "clean" not in commands[1]
    assert any(line.startswith("vsrrg.trace: plugin vsrrg.hooks.builtin, vsrrg_models: 2") for line in more)
    assert any(re.fullmatch(r"vsrrg\.hooks\.resolve: the model was opened in .* s", line) for line in more)
    assert re.fullmatch(
        r"vsrrg\.ffmpeg\.run: 9 frames: \S+ s to the first decoded, \S+ s to the last derained, \S+ s .*",
        more[-1],
    )


def test_plugins_commands_take_it_and_later_commands_are_quiet_again() -> None:
    @click.command("snow")
    def snow() -> None:
        logging.getLogger("vsrrg.snow").info("it snows")
        logging.getLogger("vsrrg.snow").debug("flake by flake")
        logging.getLogger("vsrrg.snow").warning("it is cold")

    with isolated() as register:
        register(plugin_of(vsrrg_commands=[snow]))
        assert CliRunner().invoke(cli, ["snow", "-v"]).stderr == "vsrrg.snow: it snows\nvsrrg: it is cold\n"
        assert "vsrrg.snow: flake by flake" in CliRunner().invoke(cli, ["-v", "snow", "-v"]).stderr
        assert CliRunner().invoke(cli, ["-q", "snow"]).stderr == ""
        assert "it snows" not in CliRunner().invoke(cli, ["snow"]).stderr


def test_an_option_of_a_plugins_own_is_left_alone() -> None:
    @click.command("snow")
    @click.option("-v", "--volume", type=int)
    def snow(volume: int) -> None:
        click.echo(volume)

    with isolated() as register:
        register(plugin_of(vsrrg_commands=[snow]))
        assert CliRunner().invoke(cli, ["snow", "-v", "7"]).stdout == "7\n"


@pytest.mark.parametrize(("level", "said"), [("info", True), ("WARNING", False)])
def test_the_environment_says_it_too(level: str, said: bool) -> None:
    code = "import vsrrg.hooks.resolve as r; from vsrrg.engine import Options; "
    code += "r.create_derainer(Options(model='fast', device='cpu'))"
    path = {**environ, "PYTHONPATH": pathsep.join(sys.path), "VSRRG_PLUGINS": "off", "VSRRG_LOG": level}
    done = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True)
    assert ("vsrrg.engine.device: device cpu: asked for" in done.stderr) is said
    assert said or done.stderr == ""


def test_lines_stand_above_the_progress_bar(rainy: Path, tmp_path: Path) -> None:
    """On a terminal each line is whole, whatever the bar does meanwhile."""
    main, end = pty.openpty()
    words = [sys.executable, "-m", "vsrrg", "derain", "-v", str(rainy), str(tmp_path / "clean.mkv"), *OPTIONS]
    path = {**environ, "PYTHONPATH": pathsep.join(sys.path), "VSRRG_PLUGINS": "off"}
    path |= {"COLUMNS": "400", "TERM": "xterm"}
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=end, stderr=end, env=path)
    close(end)
    shown = b""
    try:
        while data := read(main, 1 << 16):
            shown += data
    except OSError:
        pass  # Linux says so where the other end is closed.
    close(main)
    assert child.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert "/9 frames" in text
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", text)]
    assert [found for line in lines for found in matching(line)] == DECISIONS, text
