from pathlib import Path

import cv2
import numpy as np
import pytest

from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import decode_video, load_videos, read_still


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
    monkeypatch.setattr("vsrrg_training.data.sources.decode_video", lambda path: pytest.fail("decoded again"))
    second = load_videos(footage / "videos", tmp_path)
    assert all(np.array_equal(a.frames, b.frames) for a, b in zip(first, second, strict=True))


def test_decoding_stops_at_the_limit(footage: Path) -> None:
    assert len(decode_video(footage / "videos" / "pan.mp4", 3)) == 3


def test_missing_footage_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="does not exist"):
        load_videos(tmp_path / "nowhere", tmp_path)
    with pytest.raises(RecipeError, match="holds no videos"):
        load_videos(tmp_path, tmp_path)
    with pytest.raises(RecipeError, match=r"x\.png"):
        read_still(tmp_path / "x.png")
