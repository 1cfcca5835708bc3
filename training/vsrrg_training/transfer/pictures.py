"""Real pictures, rainy and rain-free, parted into those to learn from and those of the test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vsrrg_training.config import RecipeError
from vsrrg_training.data.footage import Video, load_videos
from vsrrg_training.data.sources import Pixels, read_still
from vsrrg_training.datasets.find import clean_stills, rainy_stills
from vsrrg_training.transfer.config import RealConfig

Split = Literal["learn", "held"]

_THUMBNAIL = 12


@dataclass(frozen=True, eq=False)
class Pictures:
    """The stills and frames of one class and one split."""

    stills: Sequence[Path]
    frames: Sequence[tuple[Video, int]]
    """Videos and how many of their frames, from the start, belong to it."""
    video_share: float

    def draw(self, random: Random) -> Pixels:
        """One picture (H, W, 3), uint8."""
        if self.frames and (not self.stills or random.random() < self.video_share):
            video, count = random.choice(self.frames)
            return np.asarray(video.frames[random.randrange(count)], np.uint8)
        return _read(random.choice(self.stills))


@dataclass(frozen=True, eq=False)
class RealFootage:
    """Both classes in both splits, and the rainy videos that weak supervision looks at."""

    rainy: dict[Split, Pictures]
    clean: dict[Split, Pictures]
    rainy_videos: Sequence[Video]
    sources: Sequence[Path]


def open_footage(config: RealConfig, cache: Path | None = None) -> RealFootage:
    """Find the footage and part it.

    Pictures that show the same scene, as collections of rain photographs often do, stay on one side. Frames
    of rainy videos are only learned from; of the rain-free videos some are held as a whole. Raises
    RecipeError for folders without pictures, and for too few of them.
    """
    rainy_videos = load_videos(config.rainy_videos, cache, rainy=True) if config.rainy_videos else []
    clean_videos = load_videos(config.clean_videos, cache) if config.clean_videos else []
    learned = [(video, max(1, round(config.learn * len(video.frames)))) for video in rainy_videos]
    wet, dry = rainy_stills(config.rainy_stills), clean_stills(config.clean_stills)
    rainy, clean = _parted(wet, config), _parted(dry, config)
    empty: list[tuple[Video, int]] = []
    footage: dict[Split, list[tuple[Video, int]]] = {"learn": [], "held": []}
    for video in clean_videos:
        footage["held" if _is_held(video.name, config.held) else "learn"].append((video, len(video.frames)))
    share = config.video_share
    return RealFootage(
        rainy={
            "learn": Pictures(rainy["learn"], learned, share),
            "held": Pictures(rainy["held"], empty, share),
        },
        clean={split: Pictures(clean[split], footage[split], share) for split in ("learn", "held")},
        rainy_videos=rainy_videos,
        sources=[*wet, *dry, *(v.stored for v in (*rainy_videos, *clean_videos))],
    )


def scenes_of(pictures: Sequence[NDArray[np.float32]], alike: float) -> list[int]:
    """The number of its scene for each of some thumbnails (unit vectors), by chains of likeness."""
    scene = list(range(len(pictures)))
    close = np.stack(pictures) @ np.stack(pictures).T >= alike
    for i in range(len(pictures)):
        for j in range(i):
            if close[i, j] and scene[i] != scene[j]:
                old, new = max(scene[i], scene[j]), min(scene[i], scene[j])
                scene = [new if number == old else number for number in scene]
    return scene


def thumbnail(picture: Pixels) -> NDArray[np.float32]:
    """A tiny grey picture without its mean, as a unit vector: what two pictures of one scene share."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(grey, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA).reshape(-1)
    vector = np.asarray(small, np.float32) - np.float32(small.mean())
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


def _parted(stills: Sequence[Path], config: RealConfig) -> dict[Split, list[Path]]:
    scene = scenes_of([thumbnail(_read(path)) for path in stills], config.alike)
    parted: dict[Split, list[Path]] = {"learn": [], "held": []}
    for path, number in zip(stills, scene, strict=True):
        parted["held" if _is_held(stills[number].name, config.held) else "learn"].append(path)
    for split, found in parted.items():
        if not found:
            lacking = "for the test" if split == "held" else "to learn from"
            raise RecipeError(
                "training-unfit-footage",
                f"folder {stills[0].parent} leaves no picture {lacking}: give it more pictures or change "
                "real.held",
            )
    return parted


def _is_held(name: str, share: float) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") < share * 2**32


@lru_cache(maxsize=512)
def _read(path: Path) -> Pixels:
    return read_still(path)
