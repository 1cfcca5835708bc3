"""House fronts of the demo scene."""

from __future__ import annotations

import cv2
import numpy as np

from demo_scene.brush import AMBIENT, LAMPLIGHT, LAMPS, Colour, Image, letters, noise, opaque, rgb, scaled


def facade(
    rng: np.random.Generator, first: float, last: float, height: float, wall: Colour, sign: str
) -> Image:
    """A house front at 56 pixels a metre, its left edge at depth `first`, its right at `last`."""
    pitch, length = 56, abs(last - first)
    rows, columns = int(height * pitch), int(length * pitch)
    albedo = np.ones((rows, columns, 3), np.float32) * rgb(wall)
    albedo *= (1 + 0.22 * noise(rng, rows, columns, 90) + 0.10 * noise(rng, rows, columns, 6, 2))[..., None]
    for course, y in enumerate(range(0, rows, 9)):
        cv2.line(albedo, (0, y), (columns, y), scaled(wall, 0.66), 1)
        for x in range((course % 2) * 11, columns, 22):
            cv2.line(albedo, (x, y), (x, y + 9), scaled(wall, 0.72), 1)
    glow = np.zeros_like(albedo)
    floors = int((height - 4.6) / 3.1)
    bays = max(2, int(length / 2.3))
    for floor in range(floors):
        top = rows - int((4.3 + 3.1 * (floor + 1)) * pitch) + 50
        cv2.rectangle(albedo, (0, top + 124), (columns, top + 130), scaled(wall, 1.35), -1)
        for bay in range(bays):
            left = int((bay + 0.5) * columns / bays) - 31
            _window(rng, albedo, glow, left, top, balcony=(floor + bay) % 3 == 0)
    cv2.rectangle(albedo, (0, 0), (columns, 26), scaled(wall, 1.5), -1)
    cv2.rectangle(albedo, (0, 26), (columns, 36), scaled(wall, 0.5), -1)
    _shop(rng, albedo, glow, rows, columns, sign)
    depth = np.linspace(first, last, columns, dtype=np.float32)
    level = height - (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / pitch
    along = np.sum([np.exp(-(((depth - lamp) / 3.4) ** 2)) for _, lamp in LAMPS], axis=0)
    lamps = along * np.exp(-(((level - 3.6) / 3.3) ** 2))
    light = rgb(AMBIENT) * (0.55 + 0.045 * level[..., None].clip(0, 14)) + rgb(LAMPLIGHT) * lamps[..., None]
    return opaque(albedo.clip(0.01, 1) * light + glow)


def _window(
    rng: np.random.Generator, albedo: Image, glow: Image, left: int, top: int, *, balcony: bool
) -> None:
    right, bottom = left + 62, top + 104
    cv2.rectangle(albedo, (left - 6, top - 8), (right + 6, bottom + 5), (0.5, 0.47, 0.42), -1)
    cv2.rectangle(albedo, (left - 9, bottom + 4), (right + 9, bottom + 10), (0.66, 0.63, 0.58), -1)
    sky = np.linspace(0.42, 0.16, bottom - top, dtype=np.float32)[:, None, None] * rgb((0.5, 0.62, 0.8))
    albedo[top:bottom, left:right] = 0.03
    glow[top:bottom, left:right] = sky * np.float32(rng.uniform(0.10, 0.36))
    if rng.random() < 0.42:
        tint = rgb(
            ((1.0, 0.63, 0.28), (1.0, 0.74, 0.42), (0.85, 0.9, 1.0))[rng.choice(3, p=(0.5, 0.38, 0.12))]
        )
        shade = np.linspace(1.0, 0.5, bottom - top, dtype=np.float32)[:, None]
        drape = 0.75 + 0.25 * np.sin(np.arange(62, dtype=np.float32) * rng.uniform(0.4, 0.9))
        curtain = int(rng.integers(6, 28))
        drape[curtain:-curtain] = 1.1
        glow[top:bottom, left:right] = tint * (shade * drape)[..., None] * np.float32(rng.uniform(0.35, 1.25))
        if rng.random() < 0.5:
            cv2.circle(
                glow, (left + int(rng.integers(14, 48)), top + 26), 6, (2.2, 1.6, 0.9), -1, cv2.LINE_AA
            )
    for x0, y0, x1, y1 in ((29, 0, 32, 104), (0, 34, 62, 36)):
        glow[top + y0 : top + y1, left + x0 : left + x1] = 0
        albedo[top + y0 : top + y1, left + x0 : left + x1] = (0.45, 0.43, 0.4)
    if balcony:
        for x in range(left - 12, right + 13, 6):
            glow[bottom - 44 : bottom, x : x + 2] = 0
            albedo[bottom - 44 : bottom, x : x + 2] = (0.75, 0.78, 0.8)
        for y in (bottom - 46, bottom - 4):
            glow[y : y + 4, left - 14 : right + 16] = 0
            albedo[y : y + 4, left - 14 : right + 16] = (0.78, 0.8, 0.82)


def _shop(rng: np.random.Generator, albedo: Image, glow: Image, rows: int, columns: int, sign: str) -> None:
    top, bottom = rows - 168, rows - 28
    cv2.rectangle(albedo, (0, top - 62), (columns, rows), (0.09, 0.10, 0.11), -1)
    tint = rgb(((1.0, 0.62, 0.28), (0.75, 0.92, 1.0), (1.0, 0.74, 0.42))[rng.choice(3, p=(0.4, 0.2, 0.4))])
    for left in range(20, columns - 120, 150):
        right = min(left + 128, columns - 14)
        wide = right - left
        down, across = np.mgrid[0 : bottom - top, 0:wide].astype(np.float32)
        spot = np.exp(-(((across - rng.uniform(0.2, 0.8) * wide) / 34) ** 2) - (down / 70) ** 2)
        room = (0.14 + 0.8 * spot) * (1 + 0.15 * noise(rng, bottom - top, wide, 26, 3))
        glow[top:bottom, left:right] = tint * room[..., None].clip(0.03, 1.4)
        for _ in range(26):
            # Goods on shelves: small dark and bright boxes, some coloured.
            shelf = bottom - 6 - 34 * int(rng.integers(3))
            x, tall = int(rng.integers(left, max(right - 12, left + 1))), int(rng.integers(8, 28))
            colour = rng.uniform(0.05, 1.5) * rng.uniform(0.3, 1.0, 3)
            glow[shelf - tall : shelf, x : min(x + int(rng.integers(4, 13)), right)] *= rgb(colour)
        for y in (bottom - 6, bottom - 40, bottom - 74):
            glow[y : y + 2, left:right] *= 0.25
    stripes = (0.5, 0.09, 0.07) if rng.random() < 0.5 else (0.07, 0.22, 0.24)
    for x in range(0, columns, 28):
        cv2.rectangle(albedo, (x, top - 20), (x + 13, top + 10), stripes, -1)
        cv2.rectangle(albedo, (x + 14, top - 20), (x + 27, top + 10), (0.62, 0.6, 0.55), -1)
    glow[top - 20 : top + 10] = 0
    neon = ((2.4, 0.5, 0.35), (0.4, 1.7, 2.0), (2.2, 1.5, 0.5))[int(rng.integers(3))]
    width = cv2.getTextSize(sign, cv2.FONT_HERSHEY_DUPLEX, 1.5, 3)[0][0]
    letters(glow, sign, ((columns - width) // 2, top - 26), 1.5, neon, 3)
