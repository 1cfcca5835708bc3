"""Videos and stills on disk, read as R'G'B' pixels."""

import itertools
from collections.abc import Iterator
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
_PNG_START, _PNG_END = b"\x89PNG", b"IEND"


def read_still(path: Path) -> Pixels:
    """A still as (H, W, 3) gamma R'G'B', uint8. Raises RecipeError for a file that is not a whole image."""
    image = cv2.imdecode(np.frombuffer(_whole(path), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise _damaged(path)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def check_still(path: Path) -> None:
    """Raises RecipeError for a file that is no whole image, as far as that shows without decoding it."""
    _whole(path)
    if not cv2.haveImageReader(str(path)):
        raise _damaged(path)


def _whole(path: Path) -> bytes:
    """The file, which is not empty and was not cut off."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecipeError("training-file", f"still {path} cannot be read: {error.strerror}") from error
    if not data:
        raise _damaged(path)
    # The decoder would fill the missing rest of a JPEG file with grey and say nothing.
    jpeg_cut = data.startswith(_JPEG_START) and not _is_whole(data)
    if jpeg_cut or (data.startswith(_PNG_START) and _PNG_END not in data[-64:]):
        raise RecipeError("training-file", f"still {path} cannot be read: the file is cut off; copy it again")
    return data


def _damaged(path: Path) -> RecipeError:
    return RecipeError("training-file", f"still {path} cannot be read: it is damaged or not an image")


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
            "training-file", f"video {path} cannot be decoded: it is damaged or not a video ({_why(error)})"
        ) from error
    if empty:
        raise RecipeError("no-frames", f"video {path} holds no frames")


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _rgb_from_frame(frame: Any) -> Pixels:
    # swscale takes BT.601 for granted where a frame is untagged, so the matrix is applied here.
    if frame.width % 2 or frame.height % 2:
        raise RecipeError(
            "training-unfit-footage",
            f"clean videos need even sizes, and one is {frame.width}x{frame.height}: crop it first",
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
