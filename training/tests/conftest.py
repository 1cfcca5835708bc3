"""Tiny footage, a cheap rain and a tiny network for all tests of training."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from vsrrg.hooks import API_VERSION, hookimpl
from vsrrg.hooks.manager import PluginManager, standing_in
from vsrrg_training.config import Recipe, parse_recipe
from vsrrg_training.data.dataset import ClipDataset
from vsrrg_training.data.yuv import planes_from_rgb
from vsrrg_training.synth import write_video

TINY_MODEL = {"radius": 1, "half": 8, "quarter": 8, "eighth": 8, "eighth_blocks": 1, "refine_blocks": 1}


# Tensors this small are slower on several threads, many times so on a busy machine.
torch.set_num_threads(1)


@dataclass
class Pair:
    clean: Tensor
    rainy: Tensor


class CheapRain:
    """One bright column for each frame; type `wide` doubles it."""

    RAIN_TYPES = ("thin", "wide")

    def make_rainy(self, clean: Tensor, rain_type: str, generator: torch.Generator) -> Pair:
        rainy = clean.clone()
        for frame in rainy:
            at = int(torch.randint(clean.shape[-1] - 2, (), generator=generator))
            frame[:, :, at : at + 1 + self.RAIN_TYPES.index(rain_type)] += 0.25
        return Pair(clean, rainy.clamp(0, 1))

    def degrade(self, rainy: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return rainy - 0.02, clean - 0.02


type Install = Callable[..., None]


@pytest.fixture
def install() -> Iterator[Install]:
    """Installs plugins, each with a list, or a function that gives one, by the name of the hook."""
    stack = ExitStack()

    def installed(**plugins: dict[str, Any]) -> None:
        entries: Any = []
        for name, hooks in plugins.items():
            plugin = SimpleNamespace(vsrrg_api=API_VERSION)
            for hook, items in hooks.items():
                give = items if callable(items) else lambda items=items: items
                setattr(plugin, hook, hookimpl(optionalhook=True)(give))
            dist = SimpleNamespace(name=f"vsrrg-{name}", version="1.0")
            entries.append(SimpleNamespace(name=name, load=lambda plugin=plugin: plugin, dist=dist))
        stack.enter_context(standing_in(PluginManager(entries)))

    with stack:
        yield installed


@pytest.fixture
def rain() -> CheapRain:
    return CheapRain()


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with videos/ (pan, street-static; 96x64, 12 frames), stills/a.png (120x90) and cache/."""
    folder = tmp_path_factory.mktemp("footage")
    (folder / "videos").mkdir()
    (folder / "stills").mkdir()
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.integers(30, 200, (90, 120, 3)).astype(np.float32), (0, 0), 2)
    scene = np.clip((scene - scene.mean()) * 3 + 100, 0, 255).astype(np.uint8)
    cv2.imwrite(str(folder / "stills" / "a.png"), scene)
    for name, speed in (("pan", 2), ("street-static", 0)):
        frames = np.stack([scene[10:74, speed * n : speed * n + 96] for n in range(12)])
        clip = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
        write_video(planes_from_rgb(clip), folder / "videos" / f"{name}.mp4", 25)
    return folder


@pytest.fixture
def recipe(footage: Path) -> Callable[..., Recipe]:
    """Makes a recipe of a few fp32 steps on the tiny footage; keyword arguments replace its entries."""

    def make(**changes: Any) -> Recipe:
        table: dict[str, Any] = {
            "steps": 6,
            "log_every": 2,
            "workers": 0,
            "model": TINY_MODEL,
            "loss": {},
            "data": {
                "videos": str(footage / "videos"),
                "stills": str(footage / "stills"),
                "crop": 32,
                "frames": 4,
            },
            "optim": {"batch": 2, "warmup": 2, "precision": "fp32"},
        }
        for key, value in changes.items():
            table[key] = {**table[key], **value} if isinstance(value, dict) else value
        return parse_recipe(table, Recipe)

    return make


@pytest.fixture
def dataset(footage: Path, rain: CheapRain) -> Callable[[Recipe], ClipDataset]:
    """Opens a recipe's footage with the cheap rain."""
    return lambda recipe: ClipDataset(recipe.data, recipe.seed, rain=rain, cache=footage / "cache")
