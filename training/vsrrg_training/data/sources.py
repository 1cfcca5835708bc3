"""Clean footage on disk: videos and folders of frames, decoded once into a cache; stills, read as needed."""

import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
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

_JPEG_START, _JPEG_SCAN, _JPEG_END = b"\xff\xd8", 0xDA, b"\xff\xd9"


@dataclass(frozen=True, eq=False)
class Video:
    """A decoded clean video."""

    name: str
    stored: Path
    """The decoded frames, an .npy file."""
    static: bool
    """The camera stands still (the file is named so)."""
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


def load_videos(folder: Path, cache: Path | None = None) -> list[Video]:
    """Every clean clip of a folder, sorted by name; decoded on first use into the user's cache folder.

    Clips are videos and folders of frames, as in DAVIS; where the folder holds pairs of rainy and clean
    clips, the clean halves (docs/datasets.md). Raises RecipeError for a folder without clips.
    """
    # The data sets are read with the functions of this module.
    from vsrrg_training.datasets.published import clean_clips

    if not folder.is_dir():
        raise _missing(folder, "videos")
    cache = cache or default_cache()
    cache.mkdir(parents=True, exist_ok=True)
    videos = []
    for name, footage in clean_clips(folder).items():
        stored = cache / f"{name}-{_digest(footage)}.npy"
        if not stored.exists():
            _store(decode_video(footage) if isinstance(footage, Path) else _decode_frames(footage), stored)
        files = (footage,) if isinstance(footage, Path) else tuple(footage)
        videos.append(Video(name, stored, "static" in name, files))
    if not videos:
        raise RecipeError(
            f"folder {folder} holds no videos ({', '.join(sorted(VIDEO_SUFFIXES))}) and no folders of frames"
        )
    return videos


def list_stills(folder: Path) -> list[Path]:
    """Every still of a folder, sorted by name. Raises RecipeError for a folder without stills."""
    if not folder.is_dir():
        raise _missing(folder, "stills")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in STILL_SUFFIXES)
    if not found:
        raise RecipeError(f"folder {folder} holds no stills ({', '.join(sorted(STILL_SUFFIXES))})")
    return found


def read_still(path: Path) -> Pixels:
    """A still as (H, W, 3) gamma R'G'B', uint8. Raises RecipeError for a file that is not a whole image."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecipeError(f"still {path} cannot be read: {error.strerror}") from error
    if data.startswith(_JPEG_START) and not _is_whole(data):
        # The decoder would fill the missing rest with grey and say nothing.
        raise RecipeError(f"still {path} cannot be read: the JPEG file is cut off; copy it again")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise RecipeError(f"still {path} cannot be read: it is damaged or not an image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def decode_video(path: Path, limit: int | None = None) -> Pixels:
    """All frames, or the first `limit`, as (N, H, W, 3) R'G'B' uint8; the video is taken for BT.709."""
    return np.stack(list(itertools.islice(video_frames(path), limit)))


def video_frames(path: Path) -> Iterator[Pixels]:
    """The frames of a video one at a time, (H, W, 3) R'G'B' uint8; the video is taken for BT.709.

    Raises RecipeError for a video that cannot be decoded, holds no frames, or has odd sizes.
    """
    import av

    empty = True
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                empty = False
                yield _rgb_from_frame(frame)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise RecipeError(
            f"video {path} cannot be decoded: it is damaged or not a video ({error})"
        ) from error
    if empty:
        raise RecipeError(f"video {path} holds no frames")


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


def _is_whole(jpeg: bytes) -> bool:
    """Whether the picture ends; the end of a preview in its header, and what is appended, do not count."""
    at = len(_JPEG_START)
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _JPEG_SCAN:
        at += 1 if jpeg[at + 1] == 0xFF else 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg.find(_JPEG_END, at) >= 0


def _decode_frames(paths: Sequence[Path]) -> Pixels:
    """The frames of a folder, (N, H, W, 3), without an odd row or column at the edge: 4:2:0 has none."""
    from vsrrg_training.datasets.clips import read

    frames = np.stack(list(read(tuple(paths))))
    height, width = frames.shape[1:3]
    return frames[:, : height // 2 * 2, : width // 2 * 2]


def _missing(folder: Path, kind: str) -> RecipeError:
    return RecipeError(f"folder {folder} for clean {kind} does not exist; set data.{kind} to one that does")


def _digest(footage: Path | Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in (footage,) if isinstance(footage, Path) else footage:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _store(frames: Pixels, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, frames)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
