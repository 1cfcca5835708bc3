"""What an evaluation shows to the models: clean clips, each with every type of rain, moving and still."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from vsrrg_training.data.dataset import RainModel, default_rain
from vsrrg_training.data.sources import Pixels, Video, load_videos
from vsrrg_training.data.yuv import Planes, planes_from_rgb

NO_RAIN = "none"
MOTIONS = ("moving", "still")
SENSOR_NOISE = 0.004
"""Standard deviation of the noise that keeps a held frame alive, in 0..1."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One clip to derain, and what it should look like."""

    clip: str
    rain: str
    """A rain type, or NO_RAIN."""
    motion: str
    """`moving`: the clip itself; `still`: its middle frame held, with the sensor's noise alive."""
    rainy: list[Planes]
    clean: list[Planes]


def scenes(
    folder: Path,
    *,
    frames: int,
    seed: int,
    crop: tuple[int, int] | None = None,
    types: tuple[str, ...] | None = None,
    camera: bool = False,
    rain: RainModel | None = None,
    cache: Path | None = None,
) -> Iterator[Scene]:
    """All scenes of a folder of clean videos: the middle `frames` frames of each.

    A scene depends on the video's name, the seed, the rain and the motion alone. `crop` is (width, height),
    from the middle. With `camera`, the rainy clip and its clean twin pass through the generator's camera and
    codec, each by itself: no method can then reach the twin, whose compression differs.
    """
    rain = rain or default_rain()
    for video in load_videos(folder, cache):
        moving = _middle(video, frames, crop)
        held = np.repeat(moving[len(moving) // 2 : len(moving) // 2 + 1], len(moving), axis=0)
        for motion, clip in zip(MOTIONS, (moving, held), strict=True):
            for kind in (*(types if types is not None else rain.RAIN_TYPES), NO_RAIN):
                yield _scene(video.name, clip, kind, motion, seed, rain, camera)


def _scene(
    name: str, clip: Pixels, kind: str, motion: str, seed: int, rain: RainModel, camera: bool
) -> Scene:
    key = hashlib.sha256(f"evaluate:{seed}:{name}:{kind}:{motion}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(key[:8], "little") >> 1)
    clean = torch.from_numpy(clip).permute(0, 3, 1, 2).float() / 255
    rainy = clean
    if kind != NO_RAIN:
        pair = rain.make_rainy(clean, kind, generator)
        rainy, clean = pair.rainy, pair.clean
    if camera:
        rainy, clean = rain.degrade(rainy, clean, generator)
    elif motion == "still":
        noise = SENSOR_NOISE * torch.randn(clean.shape, generator=generator)
        rainy, clean = (rainy + noise).clamp(0, 1), (clean + noise).clamp(0, 1)
    return Scene(name, kind, motion, planes_from_rgb(rainy), planes_from_rgb(clean))


def _middle(video: Video, frames: int, crop: tuple[int, int] | None) -> Pixels:
    length, height, width = video.frames.shape[:3]
    start = max((length - frames) // 2, 0)
    columns, rows = crop or (width, height)
    columns, rows = min(columns, width), min(rows, height)
    left, top = (width - columns) // 4 * 2, (height - rows) // 4 * 2
    return np.array(video.frames[start : start + frames, top : top + rows, left : left + columns])
