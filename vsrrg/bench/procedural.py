"""Moving footage from nothing, where no clip is at hand: noise of several scales under a pan, a thing that
moves by itself, and streaks that live for one frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

ROWS, COLUMNS = 360, 640
MARGIN = 64
"""Pixels beyond each edge, for the pan."""
OCTAVES = (96, 48, 24, 12, 6, 3)
"""Pixels between the points of each layer of noise."""
STREAKS = 250

type Image = np.ndarray[Any, np.dtype[np.uint8]]
type Floats = np.ndarray[Any, np.dtype[np.float32]]


def pictures(seed: int = 0, *, rainy: bool = True) -> Iterator[Image]:
    """RGB pictures (360, 640, 3) without end; the same for the same seed, but for the rain."""
    rng = np.random.default_rng(seed)
    scene, thing = _surface(rng, ROWS + 2 * MARGIN, COLUMNS + 2 * MARGIN), _surface(rng, 90, 120)
    n = 0
    while True:
        down, right = _at(0.35 * n, MARGIN), _at(1.25 * n, 2 * MARGIN)
        image = scene[down : down + ROWS, right : right + COLUMNS].copy()
        x = _at(3.0 * n, COLUMNS - 120)
        image[200:290, x : x + 120] = thing
        if rainy:
            _rain(image, rng)
        yield np.clip(image * 255, 0, 255).astype(np.uint8)
        n += 1


def _at(way: float, room: int) -> int:
    """A place on a path of this length that is walked to and fro."""
    return round(room - abs(way % (2 * room) - room))


def _surface(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    """Mostly gray texture (rows, columns, 3) in 0.1..0.7."""
    gray, *tints = (_noise(rng, rows, columns) for _ in range(4))
    surface: Floats = 0.8 * gray[..., None] + 0.2 * np.stack(tints, axis=-1)
    return surface


def _noise(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    """Texture (rows, columns) in 0.1..0.7, finer layers fainter."""
    total = np.zeros((rows, columns), np.float32)
    for step in OCTAVES:
        grid = rng.random((rows // step + 2, columns // step + 2), np.float32)
        total += _weights(rows, step, len(grid)) @ grid @ _weights(columns, step, grid.shape[1]).T * step**0.5
    total -= total.min()
    return 0.1 + 0.6 * total / total.max()


def _weights(length: int, step: int, points: int) -> Floats:
    """(length, points): what each point of a grid counts at each pixel, linear between points."""
    distance = np.abs(np.arange(length)[:, None] / step - np.arange(points))
    weights: Floats = np.clip(1 - distance, 0, 1).astype(np.float32)
    return weights


def _rain(image: Floats, rng: np.random.Generator) -> None:
    """Draws streaks of 6 to 29 rows, leaning to one side, that lift what lies behind them towards gray."""
    along = np.arange(30)
    lengths, opacity = rng.integers(6, 30, STREAKS), rng.uniform(0.15, 0.5, STREAKS)
    rows = rng.integers(-30, ROWS, STREAKS)[:, None] + along
    columns = (rng.integers(0, COLUMNS, STREAKS)[:, None] + 0.2 * along).astype(int)
    drawn = (along < lengths[:, None]) & (rows >= 0) & (rows < ROWS) & (columns < COLUMNS)
    alpha = np.zeros((ROWS, COLUMNS, 1), np.float32)
    alpha[rows[drawn], columns[drawn], 0] = np.broadcast_to(opacity[:, None], drawn.shape)[drawn]
    image += alpha * (0.85 - image)
