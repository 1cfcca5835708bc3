"""The street of the demo clip, put together: skyline, ground, houses, trees, lamps, wires; metres.

x points right, y up, z away from the camera at the start; the road is the plane y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo_scene.brush import (
    AMBIENT,
    EDGE,
    KERB,
    LAMPLIGHT,
    LAMPS,
    LEFT,
    RIGHT,
    Colour,
    Image,
    noise,
    rgb,
    scaled,
)
from demo_scene.houses import facade
from demo_scene.props import lamp, railing, tree

Point = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Surface:
    """A textured parallelogram: `corner` is its upper left, `right` and `down` its edges."""

    corner: Point
    right: Point
    down: Point
    texture: Image
    sway: float = 0.0
    """How far the upper edge swings in the wind, in metres."""
    slices: int = 1
    """Pieces along `right` that are prefiltered on their own: more where perspective shrinks one end."""


@dataclass(frozen=True)
class Wire:
    """A cable between two points, hanging through by `sag` metres."""

    start: Point
    end: Point
    sag: float
    radius: float
    colour: Colour


def skyline(rng: np.random.Generator, tall: float, tone: Colour) -> Image:
    """Distant towers in haze, 160 x 45 m at 12 pixels a metre."""
    canvas = np.zeros((540, 1920, 4), np.float32)
    left = 0
    while left < 1920:
        wide, high = int(rng.integers(50, 150)), int(tall * rng.uniform(0.35, 1.0) * 12)
        canvas[540 - high :, left : left + wide] = (*scaled(tone, float(rng.uniform(0.85, 1.1))), 1.0)
        for y in range(546 - high, 530, 11):
            for x in range(left + 5, min(left + wide, 1920) - 6, 9):
                if rng.random() < 0.28:
                    canvas[y : y + 5, x : x + 4, :3] += rgb((0.62, 0.42, 0.2)) * np.float32(
                        rng.uniform(0.2, 1)
                    )
        if rng.random() < 0.4:
            canvas[500 - high : 540 - high, left + wide // 2 : left + wide // 2 + 2] = (
                *scaled(tone, 0.7),
                1.0,
            )
        left += wide + int(rng.integers(0, 26))
    return canvas


def puddles(rng: np.random.Generator) -> NDArray[np.float32]:
    """Extra wetness of the ground, about -1..1: 0 to 150 m (nearest row first) at 12 pixels a metre."""
    return noise(rng, 1800, int(2 * EDGE * 12), 34, 4)


def ground(
    rng: np.random.Generator, pools: NDArray[np.float32], near: float, far: float, pitch: float
) -> Image:
    """Road and pavements between two depths, far end first; the fourth channel is wetness, 0..1."""
    rows, columns = int((far - near) * pitch), int(2 * EDGE * pitch)
    x = (np.arange(columns, dtype=np.float32) + 0.5) / pitch - EDGE
    z = far - (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / pitch
    puddle = cv2.resize(
        pools[round(near * 12) : round(far * 12)], (columns, rows), interpolation=cv2.INTER_LINEAR
    )[::-1]
    stain = 0.6 * puddle
    albedo = (0.075 * (1 + 0.3 * stain + 0.35 * noise(rng, rows, columns, 2.5, 2)))[..., None] * rgb(
        (1, 1, 1.06)
    )
    wet = (0.55 + 0.75 * puddle).clip(0.18, 1.0)
    paving = np.broadcast_to(np.abs(x) > KERB, (rows, columns))
    slab = (np.mod(x, 0.6) < 0.03) | (np.mod(z, 0.6) < 0.03)
    albedo = np.where(
        paving[..., None], 0.15 * (1 + 0.25 * stain[..., None]) * np.where(slab, 0.5, 1.0)[..., None], albedo
    )
    wet = np.where(paving, 0.55 * wet, wet)
    line = (np.abs(x) < 0.08) & (np.mod(z, 6.0) < 3.0) | (np.abs(np.abs(x) - 3.9) < 0.05)
    albedo = np.where((line & (stain > -0.55))[..., None], np.float32(0.55), albedo)
    kerb = np.broadcast_to(np.abs(np.abs(x) - KERB) < 0.08, (rows, columns))
    albedo = np.where(kerb[..., None], np.float32(0.3), albedo)
    lamps = np.zeros((rows, columns), np.float32)
    for side, depth in LAMPS:
        lamps += np.exp(-(((x - 0.8 * side) / 2.6) ** 2) - ((z - depth) / 3.0) ** 2)
    light = rgb(AMBIENT) * 0.8 + rgb(LAMPLIGHT) * lamps[..., None]
    return np.concatenate((albedo.clip(0.01, 1) * light, wet[..., None]), axis=-1).astype(np.float32)


def surfaces(rng: np.random.Generator) -> list[Surface]:
    """Everything that stands still (trees only sway)."""
    found: list[Surface] = []
    for index, (tall, tone) in enumerate(((36.0, (0.20, 0.21, 0.26)), (24.0, (0.125, 0.135, 0.18)))):
        z = 240.0 - 90 * index
        found.append(Surface((-88, 43.0, z), (160, 0, 0), (0, -45, 0), skyline(rng, tall, tone)))
    walls = (
        (0.36, 0.17, 0.12),
        (0.34, 0.30, 0.24),
        (0.20, 0.24, 0.28),
        (0.42, 0.34, 0.22),
        (0.26, 0.16, 0.14),
    )
    signs = (
        "CAFE REGEN",
        "BOOKS",
        "PHARMACY",
        "RADIO",
        "HOTEL",
        "BAKERY",
        "CINEMA",
        "TAILOR",
        "FLOWERS",
        "JAZZ",
    )
    for side in (LEFT, RIGHT):
        z, count = (8.0 if side < 0 else 9.0), 0
        while z < 110:
            length, height = float(rng.uniform(9, 15)), float(rng.uniform(12, 19))
            wall = walls[int(rng.integers(len(walls)))]
            ends = (z, z + length) if side < 0 else (z + length, z)
            front = facade(rng, *ends, height, wall, signs[(count * 2 + (side > 0)) % len(signs)])
            corner = (side, height, ends[0])
            found.append(
                Surface(corner, (0, 0, length if side < 0 else -length), (0, -height, 0), front, slices=8)
            )
            z, count = z + length, count + 1
    for side, depth in LAMPS:
        x = side if side < 0 else side - 1.6
        found.append(Surface((x - 0.4, 6.0, depth), (2.4, 0, 0), (0, -6, 0), lamp(side > 0)))
    for x, z in ((5.9, 16.0), (-5.9, 23.5), (5.9, 32.0), (-5.9, 44.0), (6.0, 55.0), (-6.0, 66.0)):
        size = float(rng.uniform(0.85, 1.1))
        canopy = tree(rng, 0.9 if x < 0 else -0.9)
        found.append(
            Surface((x - 3.2 * size, 8 * size, z), (6.4 * size, 0, 0), (0, -8 * size, 0), canopy, sway=0.07)
        )
    found.append(Surface((KERB + 0.35, 1.1, 20.0), (0, 0, -17.2), (0, -1.1, 0), railing(17.2), slices=24))
    return found


def wires() -> list[Wire]:
    """Tram wires above the road, span wires that carry them, and cables to the houses."""
    steel, rubber = (0.42, 0.44, 0.48), (0.02, 0.02, 0.025)
    found = [Wire((x, 6.1, 3.0), (x, 6.1, 120.0), 0.0, 0.014, steel) for x in (-2.0, 1.9)]
    for z in (11.0, 19.5, 29.0, 41.0, 55.0):
        found.append(Wire((LEFT, 7.9, z), (RIGHT, 7.9, z), 1.5, 0.012, steel))
    found.append(Wire((LEFT, 9.5, 13.0), (RIGHT, 8.4, 24.0), 0.9, 0.02, rubber))
    found.append(Wire((LEFT, 10.2, 13.5), (RIGHT, 9.6, 36.0), 1.2, 0.02, rubber))
    return found
