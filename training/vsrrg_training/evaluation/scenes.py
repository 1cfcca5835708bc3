"""What an evaluation shows to the models: clean clips, each with every type of rain, moving and still."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from vsrrg_training.data.dataset import RainModel, default_rain, draws
from vsrrg_training.data.footage import Video
from vsrrg_training.data.motion import slow_pan
from vsrrg_training.data.sources import Pixels, read_still
from vsrrg_training.data.yuv import Planes, planes_from_rgb

NO_RAIN = "none"
MOTIONS = ("moving", "still", "panning")
SENSOR_NOISE = 0.004
"""Standard deviation of the noise that keeps a held frame alive, in 0..1."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One clip to derain, and what it should look like."""

    clip: str
    rain: str
    """A rain type, or NO_RAIN."""
    motion: str
    """`moving`: the clip itself; `still`: its middle frame held, with the sensor's noise alive; `panning`: a
    slow pan by hand over a photograph.
    """
    rainy: list[Planes]
    clean: list[Planes]


@dataclass(frozen=True)
class Look:
    """How scenes are made; one depends on its source's name, the seed, the rain and the motion alone."""

    frames: int
    seed: int
    crop: tuple[int, int] | None = None
    """Width and height, from the middle."""
    types: tuple[str, ...] | None = None
    """Types of rain; None: all."""
    camera: bool = False
    """The rainy clip and its clean twin pass through the generator's camera and codec, each by itself: no
    method can then reach the twin, whose compression differs.
    """

    def kinds(self, rain: RainModel) -> tuple[str, ...]:
        return self.types if self.types is not None else tuple(rain.RAIN_TYPES)


def scenes(videos: Iterable[Video], look: Look, *, rain: RainModel | None = None) -> Iterator[Scene]:
    """All scenes of clean videos: the middle frames of each, with every type of rain and none."""
    rain = rain or default_rain()
    for video in videos:
        moving = _middle(video, look.frames, look.crop)
        held = np.repeat(moving[len(moving) // 2 : len(moving) // 2 + 1], len(moving), axis=0)
        for motion, clip in (("moving", moving), ("still", held)):
            for kind in (*look.kinds(rain), NO_RAIN):
                yield _scene(video.name, clip, kind, motion, look, rain)


def panning_scenes(stills: Iterable[Path], look: Look, *, rain: RainModel | None = None) -> Iterator[Scene]:
    """A slow pan over each of some photographs: types of rain by turns, and every pan without rain, too.

    A crop is at most what is left of the photograph after a margin of 24 pixels.
    """
    rain = rain or default_rain()
    kinds = look.kinds(rain)
    for number, path in enumerate(stills):
        image = read_still(path)
        height, width = (max(length - 24, 16) // 8 * 8 for length in image.shape[:2])
        size = (min(look.crop[0], width), min(look.crop[1], height)) if look.crop else (width, height)
        random, _ = draws(f"evaluate:{look.seed}:{path.stem}")
        clip = slow_pan(image, look.frames, size, random)
        for kind in (kinds[number % len(kinds)], NO_RAIN):
            yield _scene(path.stem, clip, kind, "panning", look, rain)


def _scene(name: str, clip: Pixels, kind: str, motion: str, look: Look, rain: RainModel) -> Scene:
    _, generator = draws(f"evaluate:{look.seed}:{name}:{kind}:{motion}")
    clean = torch.from_numpy(clip).permute(0, 3, 1, 2).float() / 255
    rainy = clean
    if kind != NO_RAIN:
        pair = rain.make_rainy(clean, kind, generator)
        rainy, clean = pair.rainy, pair.clean
    if look.camera:
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
