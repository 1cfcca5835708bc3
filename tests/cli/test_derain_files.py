"""vsrrg derain with many files, for people and for programs, as users run it."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.test_derain import luma, vsrrg

pytestmark = pytest.mark.timeout(60)

FIELDS = {
    name: set(re.findall(r"`(\w+)`", fields))
    for name, fields in re.findall(
        r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|$",
        (Path(__file__).parents[2] / "docs" / "derain.md").read_text(),
        re.MULTILINE,
    )
}
"""The fields of each event, as the page says."""


@pytest.fixture
def videos(rainy: Path, tmp_path: Path) -> Path:
    """A folder with a good video, a bad one, one in a folder, and what is no video."""
    folder = tmp_path / "videos"
    (folder / "more").mkdir(parents=True)
    shutil.copy(rainy, folder / "good.mkv")
    shutil.copy(rainy, folder / "more" / "other.mkv")
    (folder / "bad.mkv").write_text("no video")
    (folder / "notes.txt").write_text("no video")
    return folder


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_folder_for_people(videos: Path, rainy: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean"
    done = vsrrg("derain", videos, out)
    assert (done.returncode, done.stdout) == (1, "")
    for name in ("good.mkv", "more/other.mkv"):
        assert np.array_equal(luma(out / name), luma(rainy) ^ 1)
    assert done.stderr.count("bad.mkv") == 2 and "cannot be read as video" in done.stderr
    assert "1 file was left out as no video" in done.stderr and "2 of 3 files done, 1 failed" in done.stderr
    (videos / "bad.mkv").unlink()
    again = vsrrg("derain", videos, out)
    assert (again.returncode, again.stdout) == (0, "")
    assert "2 outputs were there already; --overwrite makes them anew" in again.stderr
    assert sorted(path.name for path in out.rglob("*")) == ["good.mkv", "more", "other.mkv"]


def test_a_folder_for_programs(videos: Path, tmp_path: Path) -> None:
    done = vsrrg("derain", videos, tmp_path / "clean", "--json")
    told = lines(done.stdout)
    assert done.returncode == 1
    for one in told:
        assert set(one) - {"event"} == FIELDS[one["event"]]
    kinds = [one["event"] for one in told if one["event"] != "progress"]
    assert kinds == ["start", "failed", "start", "done", "start", "done", "summary"]
    (failed,) = (one for one in told if one["event"] == "failed")
    assert failed["input"] == str(videos / "bad.mkv") and "cannot be read as video" in failed["error"]
    assert {one["frames"] for one in told if one["event"] == "done"} == {9}
    assert (told[-1]["done"], told[-1]["failed"], told[-1]["skipped"]) == (2, 1, 0)
    again = lines(vsrrg("derain", videos / "good.mkv", f"{tmp_path}/clean/", "--json").stdout)
    assert [one["event"] for one in again] == ["skipped", "summary"]


def test_a_dry_run(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean"
    for_people = vsrrg(
        "derain", videos, out, "--dry-run", "--crf", "20", "--encoder", "libx264", "--model", "fast"
    )
    assert for_people.returncode == 1 and not out.exists()
    row = next(line for line in for_people.stdout.splitlines() if "other.mkv" in line)
    for word in ("9", "64x48 yuv420p", "mkv", "libx264 preset=fast crf=20"):
        assert word in row
    told = lines(vsrrg("derain", videos / "good.mkv", tmp_path / "x.mp4", "--dry-run", "--json").stdout)
    assert [one["event"] for one in told] == ["plan", "summary"]
    assert set(told[0]) - {"event"} == FIELDS["plan"]
    assert (told[0]["frames"], told[0]["container"], told[0]["encoder"]) == (9, "mp4", "libx264")


def test_a_pattern_and_another_suffix(videos: Path, tmp_path: Path) -> None:
    done = vsrrg("derain", f"{videos}/**/[go]*.mkv", tmp_path / "clean", "--suffix", "mp4")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "clean").rglob("*.mp4")) == ["good.mp4", "other.mp4"]


@pytest.mark.parametrize("words", [["videos"], ["videos", "videos/clean"]])
def test_wrong_words_begin_nothing(videos: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(videos.parent)
    before = sorted(videos.rglob("*"))
    done = vsrrg("derain", *words)
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr
    assert sorted(videos.rglob("*")) == before


def test_odd_names(videos: Path, rainy: Path, tmp_path: Path) -> None:
    odd = "café [red]%d\n'{x}.mkv"
    for name in (odd, os.fsdecode(b"\xff.mkv")):
        shutil.copy(rainy, videos / name)
    done = vsrrg("derain", videos, tmp_path / "clean", "--json")
    assert "unexpected" not in done.stderr and "Traceback" not in done.stderr
    told = lines(done.stdout)
    assert (told[-1]["done"], told[-1]["failed"]) == (3, 2)
    assert "name-no-text" in {one.get("code") for one in told}
    assert str(tmp_path / "clean" / odd) in {one["output"] for one in told if one["event"] == "done"}
    assert np.array_equal(luma(tmp_path / "clean" / odd), luma(rainy) ^ 1)
    planned = vsrrg("derain", videos, tmp_path / "other", "--dry-run")
    assert planned.returncode == 1 and "unexpected" not in planned.stderr
