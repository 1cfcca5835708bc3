"""Writes tiny data sets."""

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vsrrg_training.data.yuv import planes_from_rgb
from vsrrg_training.synth import write_video

type LayOut = Callable[[Mapping[str, int]], Path]


@pytest.fixture
def lay_out(tmp_path: Path) -> LayOut:
    """Writes flat grey pictures of 16x12 px, or videos of 3 such frames, from their codes by path."""

    def write(files: Mapping[str, int]) -> Path:
        for name, code in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".mp4":
                write_video(planes_from_rgb(torch.full((3, 3, 12, 16), code / 255)), path, 25)
            else:
                assert cv2.imwrite(str(path), np.full((12, 16, 3), code, np.uint8))
        return tmp_path

    return write
