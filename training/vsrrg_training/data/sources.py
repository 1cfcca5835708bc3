"""Clean footage on disk: videos decoded once into a cache, stills read when asked for."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vsrrg_training.config import RecipeError
from vsrrg_training.data.yuv import rgb_from_planes

Pixels = NDArray[np.uint8]

VIDEO_SUFFIXES = frozenset({".mp4", ".mkv", ".mov", ".webm", ".avi"})
STILL_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


@dataclass(frozen=True, eq=False)
class Video:
    """A decoded clean video."""

    name: str
    stored: Path
    """The decoded frames, an .npy file."""
    static: bool
    """The camera stands still (the file is named so)."""

    @cached_property
    def frames(self) -> Pixels:
        """(N, H, W, 3) gamma R'G'B', memory-mapped."""
        pixels: Pixels = np.load(self.stored, mmap_mode="r")
        return pixels

    def __reduce__(self) -> tuple[type["Video"], tuple[str, Path, bool]]:
        """Workers map the file themselves, rather than being sent its pixels."""
        return Video, (self.name, self.stored, self.static)


def load_videos(folder: Path, cache: Path | None = None) -> list[Video]:
    """Every video of a folder, sorted by name; decoded on first use into the user's cache folder.

    Raises RecipeError for a folder without videos.
    """
    cache = cache or default_cache()
    cache.mkdir(parents=True, exist_ok=True)
    videos = []
    for path in _files(folder, VIDEO_SUFFIXES, "videos"):
        stored = cache / f"{path.stem}-{_digest(path)}.npy"
        if not stored.exists():
            _store(decode_video(path), stored)
        videos.append(Video(path.stem, stored, "static" in path.stem))
    return videos


def list_stills(folder: Path) -> list[Path]:
    """Every still of a folder, sorted by name. Raises RecipeError for a folder without stills."""
    return _files(folder, STILL_SUFFIXES, "stills")


def read_still(path: Path) -> Pixels:
    """A still as (H, W, 3) gamma R'G'B', uint8."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise RecipeError(f"still {path} cannot be read: it is missing or not an image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def decode_video(path: Path, limit: int | None = None) -> Pixels:
    """All frames, or the first `limit`, as (N, H, W, 3) R'G'B' uint8; the video is taken for BT.709."""
    import av

    frames: list[Pixels] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            frames.append(_rgb_from_frame(frame))
            if len(frames) == limit:
                break
    if not frames:
        raise RecipeError(f"video {path} holds no frames")
    return np.stack(frames)


def default_cache() -> Path:
    """Where decoded footage is kept."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("vsrrg")) / "footage"


def _rgb_from_frame(frame: Any) -> Pixels:
    # swscale takes BT.601 for granted where a frame is untagged, so the matrix is applied here.
    if frame.width % 2 or frame.height % 2:
        raise RecipeError(
            f"clean videos need even sizes, and one is {frame.width}x{frame.height}: crop it first"
        )
    samples = frame.to_ndarray(format="yuv420p").reshape(-1)
    luma, chroma = np.split(samples, [frame.width * frame.height])
    cb, cr = chroma.reshape(2, frame.height // 2, frame.width // 2)
    return rgb_from_planes((luma.reshape(frame.height, frame.width), cb, cr))


def _files(folder: Path, suffixes: frozenset[str], kind: str) -> list[Path]:
    if not folder.is_dir():
        raise RecipeError(
            f"folder {folder} for clean {kind} does not exist; set data.{kind} to one that does"
        )
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    if not found:
        raise RecipeError(f"folder {folder} holds no {kind} ({', '.join(sorted(suffixes))})")
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _store(frames: Pixels, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, frames)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
