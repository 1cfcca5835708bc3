"""What the study looks at: real rain, the generator's rain, and the same scenes without rain."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import cv2
import numpy as np
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.data.dataset import RainModel
from vsrrg_training.data.footage import load_videos
from vsrrg_training.data.sources import Pixels, read_still
from vsrrg_training.datasets.clips import Footage as Files
from vsrrg_training.datasets.clips import read
from vsrrg_training.gap.residual import Codes, luma_codes

Origin = Literal["real", "synthetic", "rain-free", "other"]
Medium = Literal["still", "clip"]

_ALIKE = 0.95
_THUMBNAIL = 24


@dataclass(frozen=True, eq=False)
class Footage:
    """One still or clip, and its rain where the truth is known."""

    name: str
    group: str
    """The rain type, or what else samples are shown under."""
    origin: Origin
    medium: Medium
    source: str
    """The photograph or video it was made from: samples of one source are not independent."""
    pixels: Pixels
    """(T, H, W, 3) R'G'B' uint8; T is 1 for stills."""
    rain: Codes | None = None
    """(T, H, W) exact residual of synthetic rain, before the camera."""
    clean: Codes | None = None
    """(T, H, W) luma of its clean twin."""


def real_stills(paths: Sequence[Path]) -> Iterator[Footage]:
    """Photographs of rain. Copies of one picture count once; of those, the one farthest from a square stays,
    because collections hold copies squeezed into squares, which bend the rain.
    """
    kept: list[tuple[Path, Pixels, Codes]] = []
    for path in paths:
        picture = read_still(path)
        thumbnail = _thumbnail(picture)
        twin = next((k for k, (_, _, seen) in enumerate(kept) if _alike(thumbnail, seen)), None)
        if twin is None:
            kept.append((path, picture, thumbnail))
        elif _oblong(picture) > _oblong(kept[twin][1]):
            kept[twin] = path, picture, thumbnail
    for path, picture, _ in kept:
        yield Footage(path.stem, "real stills", "real", "still", path.stem, picture[None])


def filmed(clips: Mapping[str, Files], frames: int, origin: Origin) -> Iterator[Footage]:
    """Clips cut into parts of `frames` frames; a rest shorter than that is left out.

    Raises RecipeError for clips that cannot be read, and for those that are too short.
    """
    for name, files in clips.items():
        clip = np.stack(list(read(files)))
        if len(clip) < frames:
            raise RecipeError(
                "training-unfit-footage",
                f"clip {name} has {len(clip)} frames, and {frames} are wanted: ask for fewer",
            )
        for start in range(0, len(clip) - frames + 1, frames):
            part = clip[start : start + frames]
            yield Footage(f"{name} from {start}", name, origin, "clip", name, part)


def drawn_stills(
    paths: Sequence[Path], types: Sequence[str], count: int, seed: int, rain: RainModel
) -> Iterator[Footage]:
    """`count` photographs with rain of each type, and as many without rain as types and rain share."""
    order = list(paths)
    Random(seed).shuffle(order)
    for k, kind in enumerate(types):
        for i in range(count):
            path = order[(k * count + i) % len(order)]
            yield _rained(read_still(path)[None], kind, f"{path.stem} {kind}", "still", path.stem, seed, rain)
    for path in order[: 2 * count]:
        yield _dry(read_still(path)[None], path.stem, "still", seed, rain)


def drawn_clips(
    given: Path,
    types: Sequence[str],
    count: int,
    frames: int,
    seed: int,
    rain: RainModel,
    cache: Path | None = None,
) -> Iterator[Footage]:
    """`count` clips with rain of each type, and as many without rain: the middle of each video in turn, every
    second one with its middle frame held, as under a camera that stands still.
    """
    videos = load_videos(given, cache)

    def scene(i: int) -> tuple[Pixels, str]:
        video = videos[i % len(videos)]
        length = len(video.frames)
        if length < frames:
            raise RecipeError(
                "training-unfit-footage",
                f"{video.name} has {length} frames, and {frames} are wanted: ask for fewer",
            )
        start = (length - frames) // 2
        if i % 2:
            held = np.array(video.frames[length // 2 : length // 2 + 1])
            return np.repeat(held, frames, axis=0), video.name
        return np.array(video.frames[start : start + frames]), video.name

    for k, kind in enumerate(types):
        for i in range(count):
            pixels, name = scene(k * count + i)
            yield _rained(pixels, kind, f"{name} {kind} {i}", "clip", name, seed, rain)
    for i in range(count):
        pixels, name = scene(i)
        yield _dry(pixels, name, "clip", seed, rain)


def _rained(
    pixels: Pixels, kind: str, name: str, medium: Medium, source: str, seed: int, rain: RainModel
) -> Footage:
    generator = _generator(seed, name)
    pair = rain.make_rainy(_tensor(pixels), kind, generator)
    rainy, _ = rain.degrade(pair.rainy, pair.clean, generator)
    wet, dry = _luma(pair.rainy), _luma(pair.clean)
    return Footage(name, kind, "synthetic", medium, source, _pixels(rainy), wet - dry, dry)


def _dry(pixels: Pixels, name: str, medium: Medium, seed: int, rain: RainModel) -> Footage:
    clean = _tensor(pixels)
    seen, _ = rain.degrade(clean, clean, _generator(seed, name))
    return Footage(name, "rain-free", "rain-free", medium, name, _pixels(seen))


def _generator(seed: int, name: str) -> torch.Generator:
    key = hashlib.sha256(f"gap:{seed}:{name}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(key[:8], "little") >> 1)


def _tensor(pixels: Pixels) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255


def _pixels(clip: torch.Tensor) -> Pixels:
    return np.ascontiguousarray((clip.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy())


def _luma(clip: torch.Tensor) -> Codes:
    return luma_codes((255 * clip).permute(0, 2, 3, 1).numpy())


def _thumbnail(picture: Pixels) -> Codes:
    size = _THUMBNAIL, _THUMBNAIL
    small = cv2.resize(luma_codes(picture), size, interpolation=cv2.INTER_AREA)
    return np.asarray((small - small.mean()) / max(float(small.std()), 1e-6), np.float32)


def _alike(one: Codes, other: Codes) -> bool:
    return bool((one * other).mean() > _ALIKE)


def _oblong(picture: Pixels) -> float:
    height, width = picture.shape[:2]
    return float(max(height, width) / min(height, width))
