from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.transfer.config import RealConfig, ScatterConfig, TransferRecipe
from vsrrg_training.transfer.crops import RealCrops
from vsrrg_training.transfer.pictures import open_footage, scenes_of, thumbnail

Make = Callable[..., TransferRecipe]


def test_pictures_of_one_scene_are_found() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 255, (60, 80, 3)).astype(np.uint8) for _ in range(2))
    first, second = (cv2.GaussianBlur(picture, (0, 0), 8) for picture in (first, second))
    darker = (first * 0.6).astype(np.uint8)
    assert scenes_of([thumbnail(p) for p in (first, second, darker)], 0.85) == [0, 1, 0]


def test_no_scene_is_on_both_sides(transfer_recipe: Make, real: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    for path in (real / "rainy").iterdir():
        picture = cv2.imread(str(path))
        assert picture is not None
        cv2.imwrite(str(folder / f"copy-of-{path.name}"), picture)
        cv2.imwrite(str(folder / path.name), np.asarray(picture * 0.9, np.uint8))
    config = transfer_recipe(real={"rainy_stills": str(folder), "held": 0.4}).real
    parted = open_footage(config, tmp_path).rainy
    names = {split: {p.name.removeprefix("copy-of-") for p in parted[split].stills} for split in parted}
    assert not names["learn"] & names["held"]
    assert len(parted["learn"].stills) + len(parted["held"].stills) == 24
    assert 2 <= len(parted["held"].stills) <= 20


def test_too_few_pictures_are_refused(transfer_recipe: Make, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"leaves no picture for the test.*real\.held"):
        open_footage(transfer_recipe(real={"held": 1e-9}).real, tmp_path)


def crops(config: RealConfig, cache: Path, **options: Any) -> RealCrops:
    return RealCrops(open_footage(config, cache), config, ScatterConfig(), 3, **options)


def test_crops_depend_on_their_number_alone(transfer_recipe: Make, footage: Path) -> None:
    config = transfer_recipe().real
    first = crops(config, footage / "cache", rainy=0.5, scattered=0.5)
    again = crops(config, footage / "cache", rainy=0.5, scattered=0.5)
    backwards = [again[n] for n in reversed(range(24))][::-1]
    seen = [first[n] for n in range(24)]
    assert all(torch.equal(a.packed, b.packed) for a, b in zip(seen, backwards, strict=True))
    assert {crop.packed.shape for crop in seen} == {(6, 16, 16)}
    rainy = [crop for crop in seen if crop.rainy > 0.5]
    blurred = [crop for crop in seen if not torch.equal(crop.packed, crop.sharp)]
    assert 6 <= len(rainy) <= 18 and 2 <= len(blurred) <= 12
    assert not any(crop.rainy > 0.5 for crop in blurred)


def test_a_rainy_video_is_learned_from_in_part(transfer_recipe: Make, footage: Path) -> None:
    config = transfer_recipe(real={"learn": 0.5, "video_share": 1.0}).real
    pictures = open_footage(config, footage / "cache").rainy
    ((video, count),) = pictures["learn"].frames
    assert count == len(video.frames) // 2
    assert not pictures["held"].frames
    assert pictures["learn"].draw(Random(0)).shape == video.frames.shape[1:]
