"""Tiny real footage: rainy and rain-free stills, a rainy video of a still scene."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vsrrg_training.config import parse_recipe
from vsrrg_training.data.yuv import planes_from_rgb
from vsrrg_training.synth import write_video
from vsrrg_training.transfer.config import TransferRecipe

Pixels = NDArray[np.uint8]
STAGE = {"steps": 3, "batch": 2}


def scene(seed: int, height: int = 72, width: int = 96) -> Pixels:
    """Soft blobs of colour."""
    rng = np.random.default_rng(seed)
    blobs = cv2.GaussianBlur(rng.uniform(0, 255, (height, width, 3)).astype(np.float32), (0, 0), 4)
    return np.clip((blobs - blobs.mean()) * 5 + 110, 0, 200).astype(np.uint8)


def rained_on(picture: Pixels, seed: int, streaks: int = 25) -> Pixels:
    """Bright vertical streaks of 1x12 px."""
    rng = np.random.default_rng(seed)
    rainy = picture.copy()
    for _ in range(streaks):
        y, x = rng.integers(picture.shape[0] - 12), rng.integers(picture.shape[1])
        rainy[y : y + 12, x] = np.minimum(rainy[y : y + 12, x].astype(int) + 60, 255)
    return rainy


@pytest.fixture(scope="session")
def real(footage: Path) -> Path:
    """Folder with rainy/, clean/ (12 stills each) and rainy-videos/street.mp4 (12 frames)."""
    folder = footage / "real"
    for kind in ("rainy", "clean", "rainy-videos"):
        (folder / kind).mkdir(parents=True)
    for n in range(12):
        cv2.imwrite(str(folder / "clean" / f"{n}.png"), scene(n))
        cv2.imwrite(str(folder / "rainy" / f"{n}.png"), rained_on(scene(100 + n), n))
    frames = np.stack([rained_on(scene(7), n) for n in range(12)])
    clip = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
    write_video(planes_from_rgb(clip), folder / "rainy-videos" / "street.mp4", 25)
    return folder


@pytest.fixture
def table(real: Path, footage: Path) -> dict[str, Any]:
    """A recipe's table of a few tiny steps, without its [table]."""
    return {
        "steps": 3,
        "log_every": 1,
        "threads": 1,
        "workers": 0,
        "model": {"radius": 1, "half": 8, "quarter": 8, "eighth": 8, "eighth_blocks": 1, "refine_blocks": 1},
        "teachers": {"half": 10},
        "data": {"videos": str(footage / "videos"), "crop": 32, "frames": 4, "pool": 4},
        "optim": {"batch": 2, "warmup": 1, "precision": "fp32"},
        "real": {
            "rainy_stills": str(real / "rainy"),
            "rainy_videos": str(real / "rainy-videos"),
            "clean_stills": str(real / "clean"),
            "crop": 32,
        },
        "recognise": STAGE,
        "restore": STAGE,
        "encoder": STAGE,
    }


@pytest.fixture
def transfer_recipe(table: dict[str, Any]) -> Callable[..., TransferRecipe]:
    """Makes the recipe; keyword arguments replace its entries."""

    def make(**changes: Any) -> TransferRecipe:
        merged = dict(table)
        for key, value in changes.items():
            merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
        return parse_recipe(merged, TransferRecipe)

    return make
