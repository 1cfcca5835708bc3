"""--max-memory, as people write it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.cli.cli_support import vsrrg
from vsrrg.cli.main import cli
from vsrrg.cli.memory import Bytes


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3G", 3 << 30),
        ("1500M", 1500 << 20),
        ("1.5 GiB", 3 << 29),
        ("64k", 1 << 16),
        ("1t", 1 << 40),
        ("7", 7),
    ],
)
def test_amounts_of_memory(text: str, count: int) -> None:
    assert Bytes().convert(text, None, None) == count


@pytest.mark.parametrize("text", ["", "G", "3X", "-1", "-1G", "0", "0.0001K", "3GG", "1e9", "abc"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write one such as 3G or 1500M"):
        Bytes().convert(text, None, None)


@pytest.mark.parametrize("name", ["derain", "pipe", "demo", "bench"])
def test_every_command_that_derains_has_it(name: str) -> None:
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, name)
        assert command is not None
        (option,) = [
            one
            for one in command.load().params
            if "--max-memory" in one.opts  # type: ignore[attr-defined]
        ]
    assert isinstance(option, click.Option) and "3G" in str(option.help)


@pytest.mark.parametrize(
    ("words", "target"), [(["derain"], "clean.mkv"), (["demo", "--out"], "folder")], ids=["derain", "demo"]
)
def test_too_little_is_told_and_leaves_nothing(
    words: list[str], target: str, tmp_path: Path, rainy: Path
) -> None:
    inputs = [tmp_path / target, rainy] if words[0] == "demo" else [rainy, tmp_path / target]
    done = vsrrg(*words, *inputs, "--model", "fast", "--device", "cpu", "--max-memory", "1M")
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("vsrrg: max_memory is 1.0M, but model 'fast' needs at least ")
    assert line.endswith(
        "for frames of 64x48: allow as much, or choose a smaller model or size [memory-limit-too-small]"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_with_too_little_writes_no_header() -> None:
    y4m = b"YUV4MPEG2 W64 H48 F25:1 C420\n" + 9 * (b"FRAME\n" + bytes(64 * 48 * 3 // 2))
    words = [sys.executable, "-m", "vsrrg", "pipe", "--device", "cpu", "--max-memory", "1M"]
    done = subprocess.run(words, input=y4m, capture_output=True)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"vsrrg: max_memory is 1.0M")
