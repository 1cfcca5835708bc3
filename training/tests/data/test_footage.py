from pathlib import Path

import cv2
import numpy as np
import pytest

from vsrrg_training.config import RecipeError
from vsrrg_training.data.footage import load_videos


def test_videos_come_back_as_they_were_made(footage: Path) -> None:
    pan, street = load_videos(footage / "videos", footage / "cache")
    scene = cv2.cvtColor(cv2.imread(str(footage / "stills" / "a.png")), cv2.COLOR_BGR2RGB)[..., ::-1]
    assert (pan.name, pan.static, street.name, street.static) == ("pan", False, "street-static", True)
    assert pan.frames.shape == (12, 64, 96, 3)
    difference = pan.frames[5].astype(int) - scene[10:74, 10:106]
    assert abs(difference.mean()) < 1 and np.abs(difference).mean() < 6


def test_second_opening_reads_the_cache(
    footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_videos(footage / "videos", tmp_path)
    monkeypatch.setattr("vsrrg_training.data.footage.decode_video", lambda path: pytest.fail("decoded again"))
    second = load_videos(footage / "videos", tmp_path)
    assert all(np.array_equal(a.frames, b.frames) for a, b in zip(first, second, strict=True))


def test_folders_of_frames_are_clips_too(tmp_path: Path) -> None:
    """As in DAVIS, and as the clean half of pairs; an odd edge is left out, a changed frame is read again."""
    files = {"JPEGImages/480p/bear": 50, "JPEGImages/480p/walk-static": 70, "Annotations/480p/bear": 1}
    for name, code in files.items():
        write_frames(tmp_path / "davis" / name, code)
    bear, walk = load_videos(tmp_path / "davis", tmp_path / "cache")
    assert (bear.name, bear.static, walk.name, walk.static) == ("bear", False, "walk-static", True)
    assert bear.frames.shape == (3, 12, 16, 3) and bear.frames[:, 0, 0, 0].tolist() == [50, 51, 52]
    write_frames(tmp_path / "davis/JPEGImages/480p/bear", 90)
    assert load_videos(tmp_path / "davis", tmp_path / "cache")[0].frames[0, 0, 0, 0] == 90

    for half, code in (("rainy/a", 200), ("clean/a", 20)):
        write_frames(tmp_path / "pairs" / half, code)
    (clean,) = load_videos(tmp_path / "pairs", tmp_path / "cache")
    assert (clean.name, clean.frames[0, 0, 0, 0]) == ("a", 20)


def write_frames(folder: Path, code: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(3):
        cv2.imwrite(str(folder / f"{n:05}.png"), np.full((13, 17, 3), code + n, np.uint8))


def test_rainy_clips_are_the_rainy_halves(tmp_path: Path) -> None:
    for half, code in (("a_Rain", 200), ("a_GT", 20)):
        write_frames(tmp_path / "pairs" / half, code)
    (wet,) = load_videos(Path(f"nturain:{tmp_path / 'pairs'}"), tmp_path / "cache", rainy=True)
    (dry,) = load_videos(Path(f"nturain:{tmp_path / 'pairs'}"), tmp_path / "cache")
    assert [(video.name, int(video.frames[0, 0, 0, 0])) for video in (wet, dry)] == [("a", 200), ("a", 20)]


def test_what_cannot_be_read_leaves_nothing_in_the_cache(tmp_path: Path) -> None:
    (tmp_path / "words.mp4").write_text("no video")
    with pytest.raises(RecipeError, match=r"words\.mp4 cannot be decoded"):
        load_videos(tmp_path, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
