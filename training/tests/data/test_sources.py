from pathlib import Path

import cv2
import numpy as np
import pytest

from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import decode_video, read_still


def test_decoding_stops_at_the_limit(footage: Path) -> None:
    assert len(decode_video(footage / "videos" / "pan.mp4", 3)) == 3


def test_a_jpeg_that_is_cut_off_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    whole = path.read_bytes()
    preview = b"\xff\xe1" + (len(whole) + 2).to_bytes(2, "big") + whole
    with_preview = whole[:2] + preview + whole[2:]
    for data in (whole, with_preview, whole + b"\xff\xda a film of the moment" * 999):
        path.write_bytes(data)
        assert read_still(path).shape == (40, 40, 3)
    for data in (whole[:-400], with_preview[:-400]):
        path.write_bytes(data)
        with pytest.raises(RecipeError, match=r"a\.jpg cannot be read: the file is cut off"):
            read_still(path)


def test_damaged_stills_are_named(tmp_path: Path) -> None:
    for name, content in (("x.png", None), ("y.png", b""), ("z.jpg", b"\xff\xd8\xff\xe0 cut off")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(RecipeError, match=name):
            read_still(tmp_path / name)
