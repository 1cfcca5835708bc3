"""Clips by folder or data set, decoded once into a cache."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from vsrrg.files import appearing
from vsrrg_training.config import RecipeError
from vsrrg_training.data.sources import Pixels, decode_video
from vsrrg_training.datasets.clips import read
from vsrrg_training.datasets.find import clean_clips, rainy_clips


@dataclass(frozen=True, eq=False)
class Video:
    """A decoded video."""

    name: str
    stored: Path
    """The decoded frames, an .npy file."""
    static: bool
    """The camera stands still (the clip is named so)."""
    files: tuple[Path, ...]
    """What was decoded: a video, or frames."""

    @cached_property
    def frames(self) -> Pixels:
        """(N, H, W, 3) gamma R'G'B', memory-mapped."""
        pixels: Pixels = np.load(self.stored, mmap_mode="r")
        return pixels

    def __reduce__(self) -> tuple[type["Video"], tuple[str, Path, bool, tuple[Path, ...]]]:
        """Workers map the file themselves, rather than being sent its pixels."""
        return Video, (self.name, self.stored, self.static, self.files)


def load_videos(given: Path, cache: Path | None = None, *, rainy: bool = False) -> list[Video]:
    """Every clip without rain, or `rainy`, of a folder or data set (docs/datasets.md).

    Clips are decoded on first use into the user's cache folder. Raises RecipeError where there are none, or
    one cannot be read.
    """
    clips = rainy_clips(given) if rainy else clean_clips(given)
    cache = cache or default_cache()
    cache.mkdir(parents=True, exist_ok=True)
    videos = []
    for name, footage in clips.items():
        files = (footage,) if isinstance(footage, Path) else footage
        stored = cache / f"{name}-{_digest(files)}.npy"
        if not stored.exists():
            _store(decode_video(footage) if isinstance(footage, Path) else _decode_frames(footage), stored)
        videos.append(Video(name, stored, "static" in name, files))
    return videos


def default_cache() -> Path:
    """Where decoded footage is kept."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("vsrrg")) / "footage"


def _decode_frames(paths: tuple[Path, ...]) -> Pixels:
    """The frames of a folder, (N, H, W, 3), without an odd row or column at the edge: 4:2:0 has none."""
    frames = np.stack(list(read(paths)))
    height, width = frames.shape[1:3]
    return frames[:, : height // 2 * 2, : width // 2 * 2]


def _digest(files: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        try:
            total.update(path.read_bytes())
        except OSError as error:
            raise RecipeError("training-file", f"{path} cannot be read: {error.strerror}") from error
    return total.hexdigest()[:16]


def _store(frames: Pixels, path: Path) -> None:
    with appearing(path) as unfinished:
        np.save(unfinished, frames)
