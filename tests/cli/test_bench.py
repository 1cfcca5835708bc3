"""vsrrg bench, as users run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.cli_support import vsrrg

pytestmark = pytest.mark.timeout(90)


SHORT = ["--frames", "5", "--repeats", "1"]


def test_the_run_goes_on_after_a_failure(tmp_path: Path, rainy: Path) -> None:
    """The exit code tells; what was measured is there, and can be compared and measured again."""
    out, old = tmp_path / "speed.json", tmp_path / "old.json"
    words = ["bench", "--input", rainy, "--model", "fast", "--threads", "1", "--device", "cpu", *SHORT]
    words += ["--max-memory", "1M"]
    done = vsrrg(*words, "--out", out, "--out", tmp_path / "speed.md")
    assert done.returncode == 1, done.stderr
    assert "64x48" in done.stdout and "failed" in done.stdout
    assert (
        "failed: 64x48 yuv420p8 fast (torch, 1.0M): max_memory is 1.0M, but model 'fast' needs" in done.stderr
    )
    assert "tmedian, ffmpeg" in (tmp_path / "speed.md").read_text()
    data = json.loads(out.read_text())
    assert data["footage"] == "rainy.mkv"
    lowered, median, fast = data["results"]
    assert lowered["frames"] == 5 and median["frames"] > 5 and "max_memory" in fast["reason"]

    lowered["seconds"]["values"] = [value / 100 for value in lowered["seconds"]["values"]]
    data["results"] = [lowered]
    old.write_text(json.dumps(data))
    shown = vsrrg("bench", "--results", out, "--compare", old, "--out", tmp_path / "c.md")
    assert shown.returncode == 1
    assert "x 0.01 slower" in shown.stdout
    assert "only in this run: 64x48 yuv420p8 fast (torch, 1.0M)" in shown.stderr
    assert "### Compared with the earlier run" in (tmp_path / "c.md").read_text()

    again = vsrrg("bench", "--compare", old, *SHORT)
    assert again.returncode == 0, again.stderr
    assert "64x48 yuv420p8 min-median (numpy)" in again.stdout
    assert "footage: before rainy.mkv, now demo clip" in again.stderr
    assert "only in" not in again.stderr and "tmedian" not in again.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (
            ["--out", "speed.csv"],
            1,
            "vsrrg: 'speed.csv' is of no known kind: name it .json, .md, .svg or .png",
        ),
        (["--out", "none/speed.json"], 1, "does not exist: make it, or name another"),
        (["--compare", "none.json"], 1, "'none.json' cannot be read: No such file or directory; give a"),
        (["--compare", __file__], 1, "test_bench.py' holds no results of vsrrg bench; give a .json that"),
        (["--model", "nope"], 1, "no model named 'nope': choose one of fast, general"),
        (["--backend", "nope"], 1, "no backend named 'nope': choose one of torch"),
        (["--repeats", "0"], 2, "0 is not in the range 1<=x<=1000"),
        (["--max-memory", "10X"], 2, "'10X' is no amount of memory; write one such as 3G or 1500M"),
        (["--size", "huge"], 2, "'huge' is no size; write WIDTHxHEIGHT"),
        (["--size", "0x0"], 2, "'0x0' is no size; write WIDTHxHEIGHT"),
        (["--format", "yuv9"], 2, "'yuv9' is no pixel format"),
        (["--input", "none.mkv"], 1, "'none.mkv' does not exist"),
        (["--precision", "fp8"], 1, "precision 'fp8' does not exist"),
        (["--device", "tpu"], 1, "device 'tpu' does not exist"),
    ],
)
def test_mistakes_are_told_before_anything_runs(words: list[str], code: int, message: str) -> None:
    done = vsrrg("bench", *words)
    assert done.returncode == code
    assert message in done.stderr and done.stdout == ""
    assert "Traceback" not in done.stderr


def test_help_is_helpful() -> None:
    done = vsrrg("bench", "--help")
    for word in ("--size", "--compare", "Examples:", "--adapters", "Exit code 1"):
        assert word in done.stdout
