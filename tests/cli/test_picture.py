"""The before/after picture, pixel by pixel."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from vsrrg.cli.picture import before_after, side_by_side, write_png
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.binary import find_ffmpeg


def read(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return next(frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))


@pytest.mark.parametrize("columns", [1, 2, 3, 64, 1921])
def test_halves_and_a_line_between(columns: int) -> None:
    before, after = np.full((2, columns, 3), 10, np.uint8), np.full((2, columns, 3), 20, np.uint8)
    joined = side_by_side(before, after)
    assert joined.shape == before.shape
    values = [int(value) for value in joined[0, :, 0]]
    line = values.count(255)
    assert values == [10] * values.count(10) + [255] * line + [20] * values.count(20)
    assert abs(values.count(10) - values.count(20)) <= 1 or columns == 1
    assert 1 <= line <= max(2, columns // 400)


def test_png_holds_the_image_exactly(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 13, 3), dtype=np.uint8)
    write_png(tmp_path / "a.png", image)
    assert np.array_equal(read(tmp_path / "a.png"), image)


def test_unwritable_picture(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot write"):
        write_png(tmp_path / "no" / "a.png", np.zeros((2, 2, 3), np.uint8))


def test_frame_n_is_shown_and_the_last_one_beyond_the_end(rainy: Path, tmp_path: Path) -> None:
    for n, streak in ((2, 12), (8, 48), (100, 48)):
        before_after(rainy, rainy, n, tmp_path / "a.png")
        image = read(tmp_path / "a.png")
        assert image[5, streak : streak + 2].min() > 180
        assert (image[5, :, 0] > 150).sum() == 4  # the streak and the line


def test_rotated_video_is_shown_upright(rainy: Path, tmp_path: Path) -> None:
    rotated = tmp_path / "rotated.mp4"
    encode = ["-c:v", "libx264", "-qp", "0"]
    plain = tmp_path / "plain.mp4"
    quiet = [find_ffmpeg(), "-v", "error", "-y"]
    subprocess.run([*quiet, "-i", rainy, *encode, plain], check=True)
    subprocess.run([*quiet, "-display_rotation", "90", "-i", plain, "-c", "copy", rotated], check=True)
    upright = tmp_path / "upright.mp4"
    subprocess.run([*quiet, "-i", rotated, *encode, upright], check=True)  # ffmpeg turns it by itself

    before_after(rotated, rotated, 2, tmp_path / "rotated.png")
    before_after(upright, upright, 2, tmp_path / "upright.png")

    shown, expected = read(tmp_path / "rotated.png"), read(tmp_path / "upright.png")
    assert shown.shape == expected.shape == (64, 48, 3)
    assert np.abs(shown.astype(int) - expected.astype(int)).max() <= 3


def test_videos_of_different_size_are_refused(rainy: Path, tmp_path: Path) -> None:
    write_png(tmp_path / "other.png", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(MediaError, match="differ in size"):
        before_after(rainy, tmp_path / "other.png", 0, tmp_path / "a.png")
