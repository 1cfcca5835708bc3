"""The errors that only training has: each happens as its page says, and each is raised somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.errors.pages import do, read_page
from tests.errors.test_catalogue import codes
from vsrrg.hooks import ErrorDescriptor
from vsrrg.testing import PluginSuite
from vsrrg_training.config import Recipe, parse_recipe
from vsrrg_training.derain import build_model
from vsrrg_training.plugin import ERRORS, vsrrg_errors
from vsrrg_training.run.checkpoint import FILE_NAME, Checkpoint, save_checkpoint

MODEL = {"radius": 1, "half": 8, "quarter": 8, "eighth": 8, "eighth_blocks": 1, "refine_blocks": 1}


class TestPlugin(PluginSuite):
    plugin = "vsrrg_training.plugin"
    heavy = ("torch", "cv2", "pydantic")


def frames(*names: str, size: int = 8) -> Callable[[Path], None]:
    """Pictures in a folder."""

    def make(folder: Path) -> None:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / name), np.full((size, size, 3), 90, np.uint8))

    return make


def run(**changes: int) -> Callable[[Path], None]:
    """The folder of a run that has not made a step."""

    def make(folder: Path) -> None:
        model, config = build_model(MODEL | changes)
        state = dict(model.state_dict())
        recipe = parse_recipe({"steps": 1}, Recipe).model_dump(mode="json")
        folder.mkdir()
        save_checkpoint(
            Checkpoint(
                step=0,
                elapsed=0.0,
                model=state,
                ema=state,
                beside={},
                optimizer={},
                rng=torch.get_rng_state(),
                model_config=config,
                recipe=recipe,
            ),
            folder / FILE_NAME,
        )

    return make


def recipe(path: Path) -> None:
    """With the footage that it names."""
    frames(*(f"walk/{n}.png" for n in range(12)), size=64)(path.parent / "street")
    path.write_text("steps = 10\nworkers = 0\n[data]\nvideos = 'street'\ncrop = 32\n")


def half_a_picture(path: Path) -> None:
    data = cv2.imencode(".png", np.random.default_rng(0).integers(0, 255, (64, 64, 3)))[1].tobytes()
    path.write_bytes(data[: len(data) // 2])


FILES: dict[str, Callable[[Path], None]] = {
    "run": run(),
    "other": run(half=16),
    "rain.toml": recipe,
    "empty": Path.mkdir,
    "photo.png": half_a_picture,
    "street": frames(*(f"walk/{n}.png" for n in range(6))),
    "pairs": frames("rainy/walk/1.png", "rainy/walk/2.png", "clean/walk/1.png"),
    "twins": frames("rainy/walk/1.png", "rainy/walk/01.png", "clean/walk/1.png", "clean/walk/2.png"),
}


@pytest.mark.parametrize("shown", vsrrg_errors(), ids=lambda shown: shown.name)
def test_page(shown: ErrorDescriptor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = read_page(shown.page.read_text())
    assert page.sections == ("Why", "What to do")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VSRRG_LOG", raising=False)
    monkeypatch.setattr("vsrrg_training.data.footage.default_cache", lambda: tmp_path / "cache")
    for name, make in FILES.items():
        if re.search(rf"(?<![\w/.-]){re.escape(name)}\b", page.code):
            make(tmp_path / name)
    assert do(page, ("", ""), monkeypatch) == page.said


def test_no_code_is_known_in_vain() -> None:
    assert {code for code in codes() if code.startswith("training-")} == set(ERRORS)
