"""Shells complete: bash runs its script here, zsh and fish where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.cli_support import python, vsrrg
from vsrrg.cli.bash import joined
from vsrrg.errors.catalogue import CODES


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two files, a program named vsrrg, and the three scripts."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "rain.mp4").touch()
    (folder / "my.safetensors").touch()
    program = folder / "vsrrg"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vsrrg "$@"\n')
    program.chmod(0o755)
    for shell in ("bash", "zsh", "fish"):
        done = vsrrg("completion", shell)
        assert done.returncode == 0 and "_VSRRG_COMPLETE" in done.stdout, done.stderr
        (folder / shell).write_text(done.stdout)
    return folder


def environment(place: Path, plugins: str = "off") -> dict[str, str]:
    path = os.pathsep.join([str(place), os.environ["PATH"]])
    python_path = os.pathsep.join(sys.path)
    return {**os.environ, "PATH": path, "PYTHONPATH": python_path, "VSRRG_PLUGINS": plugins}


SCRIPT = """
source ./bash
compopt() { echo "option $*"; }
COMP_LINE=$1
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_vsrrg_completion vsrrg
printf '%s\\n' "${COMPREPLY[@]}"
"""


def in_bash(place: Path, *words: str, plugins: str = "off") -> list[str]:
    """What bash would offer; words are as bash takes the line apart."""
    done = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT, "bash", " ".join(words), *words],
        cwd=place,
        env=environment(place, plugins),
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_bash(place: Path) -> None:
    assert in_bash(place, "vsrrg", "der") == ["derain"]
    assert {"explain", "completion", "models"} <= set(in_bash(place, "vsrrg", ""))
    assert in_bash(place, "vsrrg", "derain", "--mod") == ["--model"]
    assert in_bash(place, "vsrrg", "derain", "--model", "") == ["option -o default", "fast", "general"]
    assert in_bash(place, "vsrrg", "models", "gen") == ["option -o default", "general"]
    assert in_bash(place, "vsrrg", "derain", "ra") == ["option -o default", ""]
    assert in_bash(place, "vsrrg", "derain", "--precision", "b") == ["bf16"]
    assert in_bash(place, "vsrrg", "derain", "--backend", "") == ["torch"]
    assert "cpu" in in_bash(place, "vsrrg", "derain", "--device", "c")
    assert in_bash(place, "vsrrg", "derain", "--output", "") == ["clean", "rain"]
    assert "yuv420p10le" in in_bash(place, "vsrrg", "derain", "--pix-fmt", "yuv420p1")
    assert "libx264" in in_bash(place, "vsrrg", "derain", "--encoder", "libx26")
    codes = [code for code in CODES if code.startswith("target-")]
    assert in_bash(place, "vsrrg", "explain", "target-") == codes


def test_bash_takes_filters_apart_at_colons(place: Path) -> None:
    pytest.importorskip("vsrrg_template")

    def filters(*words: str) -> list[str]:
        return in_bash(place, "vsrrg", "derain", "--filter", *words, plugins="template")

    assert filters("pro") == ["protect"]
    offered = filters("protect", ":", "")
    assert offered[0] == "option -o nospace" and {"x=", "y="} <= set(offered)
    more = filters("protect", ":", "x", "=", "8,")
    assert "8,y=" in more and "8,x=" not in more


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["vsrrg", "--device", "cuda", ":", "1"], ["vsrrg", "--device", "cuda:1"]),
        (["--filter", "mask", ":", "left", "=", "8,top", "="], ["--filter", "mask:left=8,top="]),
        (["--filter", "mask", ":", ""], ["--filter", "mask:"]),
        (["--model", "=", "fa"], ["--model", "=", "fa"]),
    ],
)
def test_what_bash_takes_apart_is_joined(words: list[str], whole: list[str]) -> None:
    assert joined(words) == whole


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh(place: Path) -> None:
    script = "autoload -U compinit; compinit -u; source ./zsh; words=(vsrrg der); CURRENT=2; print -l $words"
    done = subprocess.run(
        ["zsh", "-f", "-c", script], cwd=place, env=environment(place), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish(place: Path) -> None:
    done = subprocess.run(
        ["fish", "-N", "-c", "source ./fish; complete -C 'vsrrg derain --model f'"],
        cwd=place,
        env=environment(place),
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("fast")


@pytest.mark.parametrize("words", ["derain --model ", "derain --filter ", "explain ", "derain --backend "])
def test_it_needs_no_torch_and_little_time(words: str) -> None:
    code = (
        "import atexit, json, sys, time\n"
        "def tell():\n"
        "    print(json.dumps([time.process_time(), 'torch' in sys.modules]), file=sys.stderr)\n"
        "atexit.register(tell)\n"
        "from vsrrg.cli.main import main\n"
        "main([])\n"
    )
    typed = ["vsrrg", *words.split(), ""]
    asked = {"COMP_WORDS": "\n".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    best = 9.0
    for _ in range(3):
        done = python("-c", code, _VSRRG_COMPLETE="bash_complete", **asked)
        seconds, torch = json.loads(done.stderr.splitlines()[-1])
        assert not torch, done.stderr
        best = min(best, seconds)
        if best < 0.3:
            break
    assert best < 0.3


def test_a_shell_that_is_unknown_is_refused() -> None:
    done = vsrrg("completion", "tcsh")
    assert done.returncode == 2 and "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr
