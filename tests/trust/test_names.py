"""Whatever a name looks like, it is that of a plain file: no option, no pattern, no protocol, no command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.ffmpeg.media import clip, packets
from tests.trust.bad_input import tiny
from vsrrg.cli.main import main
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.probe import probe
from vsrrg.ffmpeg.transcode import check_target
from vsrrg.hooks import resolve
from vsrrg.models.registry import WEIGHTS

NAMES = [
    "-i", "--help", "-", "new\nline", "quo'te\"", "per%d%03d", " spa ce ", "back\\slash", "concat:a|b",
    "http:x", "pipe:1", "fd:0", "file:x", "data:text,x", "subfile,,start,0,,:x", "[bold]x[red]", "a[/red]x",
    "$(touch pwned)", "`touch pwned`", ";touch pwned;", "*", "[a-z]", "?", "~", "@list",
    "<img src=x onerror=alert(1)>", "\x1b[31mred", "öffne\u202e",
]  # fmt: skip
NO_TEXT = os.fsdecode(b"bytes\xff\xfe")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("video") / "rain.mkv", "-c:v", "ffv1", frames=6, sound=True)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and an engine that costs nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VSRRG_PLUGINS", "off")
    monkeypatch.setattr(resolve, "create_derainer", lambda options: tiny())
    return tmp_path


def vsrrg(*words: str) -> int:
    """Runs the program in this process."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_derain(name: str, video: Path, here: Path) -> None:
    source, target, third = f"{name}.mkv", f"{name}-out.mkv", f"{name}-other.nut"
    Path(here, source).parent.mkdir(exist_ok=True)
    shutil.copy(video, here / source)
    assert vsrrg("derain", "--quiet", "--", source, target) == 0
    assert vsrrg("derain", "--json", "--resume", "--", target, third) == 0
    assert files(here) == {source, target, third}
    assert len(packets(here / third, 0)) == 6


@pytest.mark.parametrize("name", NAMES[::3])
def test_pages_and_pictures(name: str, video: Path, here: Path) -> None:
    source, page = f"{name}.mkv", f"{name}.html"
    Path(here, source).parent.mkdir(exist_ok=True)
    shutil.copy(video, here / source)
    assert vsrrg("compare", "--quiet", "--out", page, "--", source) == 0
    assert vsrrg("preview", "--quiet", "--out", f"{name}2.html", "--", source) == 0
    assert vsrrg("demo", "--", source) == 0
    made = files(here) - {source, page, f"{name}2.html"}
    assert {Path(one).parent.name for one in made} == {"vsrrg-demo"}


@pytest.mark.parametrize("name", NAMES)
def test_weight_files(name: str, here: Path) -> None:
    path = Path(f"{name}.safetensors")
    path.parent.mkdir(exist_ok=True)
    shutil.copy(WEIGHTS / "fast.safetensors", path)
    assert resolve.find_model(str(path)).name == "fast"


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1/x.mkv", "concat:rain.mkv", "data:video,x", "pipe:0", "file:rain.mkv"]
)
def test_what_is_no_file_is_missing(name: str, video: Path, here: Path) -> None:
    shutil.copy(video, here / "rain.mkv")
    with pytest.raises(MediaError) as raised:
        probe(name)
    assert raised.value.code == "source-missing"


def test_names_that_are_no_text(video: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(video, here / f"{NO_TEXT}.mkv")
    with pytest.raises(MediaError) as source:
        probe(f"{NO_TEXT}.mkv")
    with pytest.raises(MediaError) as target:
        check_target(video, Path(f"{NO_TEXT}2.mkv"), overwrite=False)
    assert source.value.code == target.value.code == "name-no-text"
    assert vsrrg("derain", f"{NO_TEXT}.mkv", "out.mkv") == 1
    assert "is no text in UTF-8; rename the file" in capsys.readouterr().err
    assert files(here) == {f"{NO_TEXT}.mkv"}
    assert vsrrg("compare", "--quiet", "--out", f"{NO_TEXT}.html", "--", str(video)) == 0


def test_bench_reads_the_file_that_is_named(here: Path) -> None:
    from vsrrg.bench.footage import _decoded

    for name in NAMES[::4]:
        path = Path(f"{name}.mkv")
        path.parent.mkdir(exist_ok=True)
        clip(Path("plain.mkv"), "-c:v", "ffv1", frames=2).rename(path)
        assert [np.asarray(frame.to_ndarray()).shape[1] for frame in _decoded(path)] == [64, 64]
