"""The before/after picture: one frame, its left half rainy, its right half clean."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vsrrg.errors import MediaError
from vsrrg.files import write_whole

type Image = np.ndarray[Any, np.dtype[np.uint8]]
"""RGB, (rows, columns, 3)."""


def before_after(rainy: Path, clean: Path, n: int, picture: Path) -> None:
    """Writes frame n of two videos of one size, split in the middle by a white line, as a PNG.

    Args:
        rainy: the video for the left half.
        clean: the video for the right half.
        n: frame number from 0; the last frame stands in where a video is shorter.
        picture: the file to write.

    Raises:
        MediaError: a video holds no frame or another size, or the picture cannot be written.
    """
    before, after = _frame(rainy, n), _frame(clean, n)
    if before.shape != after.shape:
        raise MediaError(
            "sizes-differ", f"{rainy} and {clean} differ in size, so they do not make one picture"
        )
    write_png(picture, side_by_side(before, after))


def side_by_side(before: Image, after: Image) -> Image:
    """The left half of one image and the right half of another of its size; a white line where they meet."""
    columns = before.shape[1]
    middle, half_line = columns // 2, max(1, columns // 800)
    joined = np.concatenate((before[:, :middle], after[:, middle:]), axis=1)
    joined[:, max(0, middle - half_line) : middle + half_line] = 255
    return joined


def write_png(path: Path, image: Image) -> None:
    """Writes an image as PNG. Raises MediaError if the file cannot be written."""
    import av

    encoder: Any = av.CodecContext.create("png", "w")
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt = "rgb24"
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    try:
        write_whole(path, data)
    except OSError as error:
        raise MediaError("target-unwritable", f"cannot write {path}: {error.strerror or error}") from error


def _frame(video: Path, n: int) -> Image:
    import av

    from vsrrg.ffmpeg.probe import open_media, probe

    stream = probe(video).video.index
    last: av.VideoFrame | None = None
    try:
        with open_media(video) as container:
            for i, frame in enumerate(container.decode(container.streams[stream])):
                assert isinstance(frame, av.VideoFrame)
                last = frame
                if i == n:
                    break
    except (av.FFmpegError, OSError) as error:
        raise MediaError("unreadable-source", f"cannot read {video}: {error}") from error
    if last is None:
        raise MediaError("no-frames", f"{video} holds no frame")
    return np.rot90(last.to_ndarray(format="rgb24"), k=last.rotation // 90)
