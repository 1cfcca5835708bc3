"""Training clips: item i depends on (seed, i) alone, so order, workers and interruptions do not matter."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from vsrrg_training.config import DataConfig, RecipeError
from vsrrg_training.data.footage import Video, load_videos
from vsrrg_training.data.motion import moving_still
from vsrrg_training.data.sources import read_still
from vsrrg_training.data.yuv import pack_rgb
from vsrrg_training.datasets.find import clean_stills
from vsrrg_training.rain.distractions import make_dry

NO_RAIN = -1
"""Type index of a clip that was left dry."""


class RainPair(Protocol):
    """A clip before and after rain."""

    @property
    def clean(self) -> Tensor: ...

    @property
    def rainy(self) -> Tensor: ...


class RainModel(Protocol):
    """What the dataset asks of a rain generator (``vsrrg_training.rain`` is one)."""

    @property
    def RAIN_TYPES(self) -> Sequence[str]: ...

    def make_rainy(self, clean: Tensor, rain_type: str, generator: torch.Generator) -> RainPair: ...

    def degrade(self, rainy: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]: ...


class Clip(NamedTuple):
    """One training clip, or a batch of them with a leading dimension."""

    packed: Tensor
    """(T, 6, h, w) packed input."""
    rain: Tensor
    """(T, 6, h, w) rain layer: input minus the same picture without rain."""
    kind: Tensor
    """() int64, index into the generator's types, or NO_RAIN."""
    review: Tensor
    """() bool: old rain played back from memory."""


class ClipDataset(Dataset[Clip]):
    """Endless clips of clean footage with drawn rain."""

    def __init__(
        self, config: DataConfig, seed: int, *, rain: RainModel | None = None, cache: Path | None = None
    ) -> None:
        self.config = config
        self.seed = seed
        self._rain = rain
        self._made: dict[int, Clip] = {}
        videos = load_videos(config.videos, cache) if config.videos else []
        self.moving = [video for video in videos if not video.static]
        self.static = [video for video in videos if video.static]
        self.stills = clean_stills(config.stills) if config.stills else []
        unknown = set(config.rain_weights) - set(self.rain.RAIN_TYPES)
        if unknown:
            known = ", ".join(self.rain.RAIN_TYPES)
            raise RecipeError(
                "training-recipe", f"data.rain_weights names {sorted(unknown)}; the rain types are {known}"
            )
        falls = [config.rain_weights.get(name, config.other_rain) for name in self.rain.RAIN_TYPES]
        if config.no_rain < 1 and not any(falls):
            raise RecipeError(
                "training-recipe",
                "data.rain_weights and data.other_rain leave no type of rain a weight above zero: raise one, "
                "or set data.no_rain to 1",
            )
        weights = config.sources
        drawn = {
            "moving": weights.moving * bool(self.moving),
            "static": weights.static * bool(self.static),
            "stills": weights.stills * bool(self.stills),
            "held": weights.held * bool(videos or self.stills),
        }
        self.kinds = {kind: weight for kind, weight in drawn.items() if weight > 0}
        if not self.kinds:
            raise RecipeError(
                "training-recipe",
                "the recipe has no footage: set data.videos or data.stills, and weights above zero",
            )

    @property
    def sources(self) -> list[Path]:
        """The files that clips are cut from."""
        return [path for video in self.moving + self.static for path in video.files] + self.stills

    @property
    def rain(self) -> RainModel:
        """The generator; the project's own is a module, which cannot be sent to a worker."""
        return self._rain or default_rain()

    def __getitem__(self, index: int) -> Clip:
        if not self.config.pool:
            return self._make(index)
        index %= self.config.pool
        if index not in self._made:
            self._made[index] = self._make(index)
        return self._made[index]

    def _make(self, index: int) -> Clip:
        random, generator = draws(f"{self.seed}:{index}")
        clean = self.clean(random)
        kind = NO_RAIN
        rainy = clean
        if random.random() >= self.config.no_rain:
            types = self.rain.RAIN_TYPES
            weights = [self.config.rain_weights.get(name, self.config.other_rain) for name in types]
            kind = random.choices(range(len(types)), weights)[0]
            pair = self.rain.make_rainy(clean, types[kind], generator)
            rainy, clean = pair.rainy, pair.clean
        return self.finish(rainy, clean, kind, random, generator)

    def clean(self, random: Random) -> Tensor:
        """A clip without rain (T, 3, S, S), R'G'B' in 0..1."""
        clip = self._jitter(self._footage(random), random)
        if self.config.distractions and random.random() < self.config.distractions:
            clip = make_dry(clip, torch.Generator().manual_seed(random.getrandbits(63)))
        return clip

    def finish(
        self,
        rainy: Tensor,
        clean: Tensor,
        kind: int,
        random: Random,
        generator: torch.Generator,
        *,
        review: bool = False,
    ) -> Clip:
        """Camera, repeated pictures and packing of a clip (T, 3, S, S) and its rain-free twin."""
        rainy, clean = self.rain.degrade(rainy, clean, generator)
        if random.random() < self.config.repeats:
            shown = torch.tensor(_cadence(len(rainy), random))
            rainy, clean = rainy[shown], clean[shown]
        if random.random() < self.config.ends and len(rainy) > 4:
            shown = torch.tensor(_at_an_end(len(rainy), random))
            rainy, clean = rainy[shown], clean[shown]
        packed = pack_rgb(rainy)
        rain = packed - pack_rgb(clean) if kind != NO_RAIN else torch.zeros_like(packed)
        return Clip(packed, rain, torch.tensor(kind), torch.tensor(review))

    def _footage(self, random: Random) -> NDArray[np.uint8]:
        """A clean clip (T, S, S, 3), uint8."""
        config = self.config
        kind = random.choices(list(self.kinds), list(self.kinds.values()))[0]
        scale = random.uniform(*config.scale)
        if kind == "held":
            pools = [pool for pool in ("videos", "stills") if self._pool(pool)]
            if random.choice(pools) == "stills":
                image = read_still(random.choice(self.stills))
                clip = _cut(image[None], np.zeros(1, np.int64), config.crop, scale, random)
            else:
                frames = random.choice(self.moving + self.static).frames
                clip = _cut(frames, np.array([random.randrange(len(frames))]), config.crop, scale, random)
            clip = np.repeat(clip, config.frames, axis=0)
        elif kind == "stills":
            image = read_still(random.choice(self.stills))
            clip = moving_still(image, config.frames, config.crop, scale, random)
        else:
            video = random.choice(self.moving if kind == "moving" else self.static)
            clip = _cut(
                video.frames, _indices(len(video.frames), config.frames, random), config.crop, scale, random
            )
        if random.random() < 0.5:
            clip = clip[:, :, ::-1]
        return np.ascontiguousarray(clip)

    def _pool(self, name: str) -> Sequence[Video] | Sequence[Path]:
        return self.stills if name == "stills" else self.moving + self.static

    def _jitter(self, clip: NDArray[np.uint8], random: Random) -> Tensor:
        """Light changes of exposure, gamma, white balance and saturation; (T, 3, S, S) float in 0..1."""
        amount = self.config.jitter
        gamma = 2 ** (amount * random.uniform(-0.35, 0.35))
        gain = 1 + amount * random.uniform(-0.2, 0.12)
        balance = [gain * (1 + amount * random.uniform(-0.05, 0.05)) for _ in range(3)]
        saturation = 1 + amount * random.uniform(-0.3, 0.2)
        curve = torch.linspace(0, 1, 256) ** gamma
        planes = torch.from_numpy(clip).permute(0, 3, 1, 2)
        rgb = torch.stack([(curve * balance[i])[planes[:, i].int()] for i in range(3)], 1)
        grey = rgb.mean(1, keepdim=True)
        return grey.lerp(rgb, saturation).clamp_(0, 1)


def draws(key: str) -> tuple[Random, torch.Generator]:
    """Random numbers that depend on the key alone, for Python and for torch."""
    digest = hashlib.sha256(key.encode()).digest()
    return Random(digest), torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


def default_rain() -> RainModel:
    """The project's own generator."""
    from vsrrg_training import rain

    return rain


def _indices(length: int, frames: int, random: Random) -> NDArray[np.int64]:
    """Frame numbers of a clip: stride 1 or 2, forwards or backwards; short videos swing back at the end."""
    stride = 2 if random.random() < 0.25 and length > 2 * frames else 1
    span = (frames - 1) * stride + 1
    start = random.randrange(max(length - span, 0) + 1)
    indices = start + stride * np.arange(frames)
    if span > length:
        period = max(2 * (length - 1), 1)
        indices = indices % period
        indices = np.where(indices < length, indices, period - indices)
    return indices[::-1].copy() if random.random() < 0.5 else indices


def _at_an_end(count: int, random: Random) -> list[int]:
    """Which of `count` frames to show for a clip that begins with the third, or ends with the last but two.

    Where two neighbours are missing, others stand in for them (vsrrg.engine.window).
    """
    if random.random() < 0.5:
        return [3, 4, *range(2, count)]
    return [*range(count - 2), count - 5, count - 4]


def _cadence(frames: int, random: Random) -> list[int]:
    """Which drawn frame is shown when pictures repeat: one for the whole clip, each twice, or 3:2 pulldown.

    A repeated picture hides its rain from its neighbours: only what a streak looks like gives it away.
    """
    pattern = random.choice(((frames,), (frames,), (2,), (2, 3)))
    phase, index = random.randrange(5), 0
    shown: list[int] = []
    while len(shown) < frames + phase:
        shown += [index] * pattern[index % len(pattern)]
        index += 1
    start = phase if len(pattern) > 1 or pattern[0] < frames else 0
    return shown[start : start + frames]


def _cut(
    frames: NDArray[np.uint8], indices: NDArray[np.int64], size: int, scale: float, random: Random
) -> NDArray[np.uint8]:
    """A random square of the given frames, rescaled to ``size`` px."""
    height, width = frames.shape[1:3]
    side = min(round(size / scale), height, width)
    top, left = random.randrange(height - side + 1), random.randrange(width - side + 1)
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    clip = np.empty((len(indices), size, size, 3), np.uint8)
    for position, index in enumerate(indices):
        square = np.ascontiguousarray(frames[index, top : top + side, left : left + side])
        clip[position] = square if side == size else cv2.resize(square, (size, size), interpolation=method)
    return clip
