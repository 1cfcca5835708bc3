"""vsrrg compare and vsrrg preview, as users run them."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.cli.cli_support import python, vsrrg
from vsrrg.cli import progress
from vsrrg.cli.compare import compare
from vsrrg.cli.times import Time
from vsrrg.hooks import Job, Observer, Summary

pytestmark = pytest.mark.timeout(60)


def test_two_files(rainy: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = vsrrg("compare", rainy, rainy, "--reference", rainy, "--start", "0:00.12", "--out", page)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{page}: 6 frames, {page.stat().st_size / 2**20:.1f} MiB\n"
    assert "<h1>rainy.mkv</h1>" in page.read_text()


def test_derained_now(rainy: Path, tmp_path: Path) -> None:
    """Without --out the page is named after the video, and lies here."""
    pytest.importorskip("vsrrg_consensus")
    code = f"import os; os.chdir({str(tmp_path)!r}); from vsrrg.cli.main import main; main()"
    words = ("--model", "consensus", "--device", "cpu", "--strength", "0.5", "--quiet")
    for command in (["compare"], ["preview", "--duration", "0.2"]):
        done = python("-c", code, *command, rainy, *words, VSRRG_PLUGINS="consensus")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        text = (tmp_path / f"rainy-{command[0]}.html").read_text()
        assert "model consensus, strength 0.5 \u00b7 64x48, 25 fps" in text


def test_observers_are_told(rainy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Any] = []

    class Notes(Observer):
        def started(self, job: Job) -> None:
            events.append((job.kind, job.source, job.target, job.options))

        def advanced(self, job: Job, done: int, total: int | None) -> None:
            events.append((done, total))

        def finished(self, job: Job, summary: Summary) -> None:
            events.append(summary.frames)

    monkeypatch.setattr(progress, "ProgressBar", Notes)
    page = str(tmp_path / "page.html")
    done = CliRunner().invoke(compare, [str(rainy), str(rainy), "--out", page])
    assert done.exit_code == 0
    assert events[0] == ("compare", str(rainy), page, None)
    assert events[-2:] == [(9, 9), 9]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["none.mkv"], 1, "'none.mkv' does not exist"),
        (["IN", "none.mkv"], 1, "'none.mkv' does not exist"),
        (["IN", "IN", "--reference", "none.mkv"], 1, "'none.mkv' does not exist"),
        (["IN", "--out", "page.pdf"], 1, "'page.pdf' is to be an HTML page: name it .html"),
        (["IN", "--model", "snwo"], 1, "there is no model named 'snwo'"),
        (["IN", "--strength", "2"], 1, "strength must be a number from 0"),
        (["IN", "IN", "--model", "fast"], 2, "--model says how IN is derained, but CLEAN is given"),
        (["IN", "IN", "--filter", "x"], 2, "--filter says how IN is derained, but CLEAN is given"),
        (["IN", "IN", "--start", "1:2:3:4"], 2, "'1:2:3:4' is no time; write seconds, or h:mm:ss"),
        (["IN", "IN", "--start", "99"], 1, "has no frame there: choose another --start"),
        (["IN", "IN", "--duration", "0"], 2, "it must be longer than nothing"),
        (["IN", "IN", "--max-size", "10k"], 1, "a page takes 1 MiB at least"),
    ],
)
def test_mistakes_are_one_sentence(
    rainy: Path, tmp_path: Path, words: list[str], code: int, told: str
) -> None:
    page = [] if "--out" in words else ["--out", str(tmp_path / "page.html")]
    done = vsrrg("compare", *[str(rainy) if word == "IN" else word for word in words], *page)
    assert done.returncode == code, done.stderr
    assert told in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir()) and done.stdout == ""


def test_the_page_is_opened_on_demand(rainy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    page = tmp_path / "page.html"
    words = [str(rainy), str(rainy), "--out", str(page)]
    for more in ([], ["--open"]):
        assert CliRunner().invoke(compare, [*words, *more]).exit_code == 0
    assert opened == [page.as_uri()]


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("12.5", 12.5), ("1:30", 90), ("1:02:03.5", 3723.5), ("0", 0)]
)
def test_times(text: str, seconds: float) -> None:
    assert Time().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1,5", "1:2:3:4", "1m", "nan"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no time; write seconds, or h:mm:ss"):
        Time().convert(text, None, None)


@pytest.mark.parametrize("command", ["compare", "preview"])
def test_help_is_helpful(command: str) -> None:
    done = vsrrg(command, "--help")
    for word in ("--duration", "--height", "--open", "--model", "--strength", "Examples:"):
        assert word in done.stdout
    assert "--output" not in done.stdout
