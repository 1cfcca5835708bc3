"""What the study looks at."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vsrrg_training.config import RecipeError
from vsrrg_training.gap.footage import drawn_clips, drawn_stills, filmed, real_stills


def save(path: Path, width: int, height: int, seed: int) -> Path:
    coarse = np.random.default_rng(seed).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    cv2.imwrite(str(path), cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))
    return path


def test_of_squeezed_copies_the_oblong_one_stays(tmp_path: Path) -> None:
    paths = [
        save(tmp_path / "square.png", 96, 96, 0),
        save(tmp_path / "whole.png", 128, 72, 0),
        save(tmp_path / "other.png", 96, 96, 1),
    ]
    for order in (paths, paths[::-1]):
        assert {sample.name for sample in real_stills(order)} == {"whole", "other"}


def test_films_are_cut_into_parts(footage: Path) -> None:
    parts = list(filmed({"pan": footage / "videos" / "pan.mp4"}, 5, "real"))
    assert [part.name for part in parts] == ["pan from 0", "pan from 5"]
    assert all(part.pixels.shape == (5, 64, 96, 3) and part.source == "pan" for part in parts)
    with pytest.raises(RecipeError, match="12 frames, and 13 are wanted"):
        next(filmed({"pan": footage / "videos" / "pan.mp4"}, 13, "real"))


def test_what_is_no_video_is_refused(footage: Path, tmp_path: Path) -> None:
    text = tmp_path / "words.mp4"
    text.write_text("no video at all")
    for path in (text, tmp_path / "missing.mp4"):
        with pytest.raises(RecipeError, match="cannot be decoded"):
            next(filmed({path.stem: path}, 5, "real"))


def test_drawn_samples_know_their_rain(footage: Path, rain: object) -> None:
    stills = [footage / "stills" / "a.png"]
    samples = list(drawn_stills(stills, ("thin", "wide"), 2, 0, rain))  # type: ignore[arg-type]
    assert [sample.group for sample in samples] == ["thin", "thin", "wide", "wide", "rain-free"]
    thin, dry = samples[0], samples[-1]
    assert thin.rain is not None and thin.clean is not None and dry.rain is None
    assert thin.pixels.shape == (1, 90, 120, 3)
    assert thin.rain.max() == pytest.approx(0.25 * 255, rel=0.05)
    assert (thin.rain > 1).any(1).sum() == 1


def test_every_second_clip_is_held(footage: Path, rain: object) -> None:
    clips = list(drawn_clips(footage / "videos", ("thin",), 2, 6, 0, rain, footage / "cache"))  # type: ignore[arg-type]
    moving, held = clips[0].clean, clips[1].clean
    assert moving is not None and held is not None
    assert np.ptp(held, axis=0).max() == 0 < np.ptp(moving, axis=0).max()
    again = next(drawn_clips(footage / "videos", ("thin",), 2, 6, 0, rain, footage / "cache"))  # type: ignore[arg-type]
    np.testing.assert_array_equal(again.pixels, clips[0].pixels)
