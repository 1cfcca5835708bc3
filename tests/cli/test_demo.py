"""``vsrrg demo`` on a real file."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from tests.cli.cli_support import vsrrg
from vsrrg.cli import demo as module
from vsrrg.errors import MediaError

pytest.importorskip("vsrrg_consensus")


def read(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_writes_a_clean_video_and_a_picture_and_says_where(rainy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    words = ("demo", rainy, "--out", folder, "--model", "consensus", "--device", "cpu")

    done = vsrrg(*words, VSRRG_PLUGINS="consensus")

    assert done.returncode == 0, done.stderr
    clean, picture = folder / "rainy-clean.mkv", folder / "rainy-before-after.png"
    assert done.stdout.splitlines()[:2] == [f"clean video:    {clean}", f"before | after: {picture}"]
    assert done.stdout.splitlines()[2].startswith("9 frames in ") and done.stdout.strip().endswith(" fps")
    assert done.stderr == ""
    frames = read(clean)
    assert len(frames) == 9
    for frame in frames[1:-1]:
        assert np.abs(frame.astype(int) - 90).max() <= 6
    (image,) = read(picture)
    assert image[5, 24:26].min() > 180  # the streak of frame 4, in the rainy half
    assert image[5, 31:33].min() == 255  # the line in the middle
    assert np.abs(image[:, 34:].astype(int) - 90).max() <= 6

    again = vsrrg(*words, VSRRG_PLUGINS="consensus")
    assert again.returncode == 0, again.stderr


def test_without_the_clip_it_asks_for_a_video(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "DEMO_CLIP", tmp_path / "absent.mp4")
    result = CliRunner().invoke(module.demo, ["--out", str(tmp_path / "out")])
    assert isinstance(result.exception, MediaError)
    assert "give a video of your own" in str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["absent.mp4"], "'absent.mp4' does not exist"),
        (["CLIP", "--model", "snwo"], "there is no model named 'snwo'"),
        (["CLIP", "--out", "CLIP"], "cannot make the folder"),
    ],
)
def test_failures_are_one_sentence(words: list[str], sentence: str, rainy: Path, tmp_path: Path) -> None:
    out = [] if "--out" in words else ["--out", str(tmp_path)]
    done = vsrrg("demo", *[str(rainy) if word == "CLIP" else word for word in words], *out)
    assert done.returncode == 1
    assert sentence in done.stderr and len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())
