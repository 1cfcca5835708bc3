"""Clips whose pictures tell which frame they are, and pages made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

FRAMES, ROWS, COLUMNS = 24, 180, 320
TIMES = [n + (n > 10) for n in range(FRAMES)]
"""In units of 40 ms; one frame lasts twice as long as the others."""
BOX = (slice(90, 130), slice(120, 200))
"""Where it rains."""

type Image = np.ndarray[Any, np.dtype[np.uint8]]


def level(n: int) -> int:
    """Green of frame n."""
    return 20 + 8 * n


def rainy_image(n: int) -> Image:
    """Red, with a white box that grows brighter."""
    image = np.empty((ROWS, COLUMNS, 3), np.uint8)
    image[:] = 200, level(n), 40
    image[BOX] = 100 + 6 * n
    return image


def derained_image(n: int) -> Image:
    """Blue; where there is no box, of about the same luma."""
    image = np.empty((ROWS, COLUMNS, 3), np.uint8)
    image[:] = 146, level(n), 200
    return image


def reference_image(n: int) -> Image:
    """Yellow."""
    image = np.empty((ROWS, COLUMNS, 3), np.uint8)
    image[:] = 200, 200, level(n)
    return image


def write(
    path: Path,
    images: Iterable[Image],
    times: Sequence[int] | None = None,
    *,
    unit: Fraction = Fraction(1, 25),
    codec: str = "ffv1",
    pix_fmt: str = "bgr0",
    **options: str,
) -> Path:
    """A video of RGB images at these times, in units."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=1 / unit, options=options)
        stream.pix_fmt = pix_fmt
        for n, image in enumerate(images):
            if n == 0:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame = frame.reformat(format=pix_fmt)
            frame.pts, frame.time_base = (n if times is None else times[n]), unit
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def grays(*levels: float, size: tuple[int, int] = (48, 64)) -> list[Image]:
    """Plain pictures."""
    return [np.full((*size, 3), one, np.uint8) for one in levels]


def clips(folder: Path) -> tuple[Path, Path, Path]:
    """Rainy, derained, reference."""
    made: list[Path] = []
    kinds: dict[str, Callable[[int], Image]] = {
        "rainy": rainy_image,
        "derained": derained_image,
        "reference": reference_image,
    }
    for name, draw in kinds.items():
        made.append(write(folder / f"{name}.mkv", map(draw, range(FRAMES)), TIMES))
    rainy, derained, reference = made
    return rainy, derained, reference
