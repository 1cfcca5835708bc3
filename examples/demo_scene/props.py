"""What stands and drives on the street of the demo scene: trees, lamps, a railing, cars."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from demo_scene.brush import AMBIENT, LAMPLIGHT, Colour, Image, letters, rgb, scaled


def tree(rng: np.random.Generator, warm_side: float) -> Image:
    """A street tree, 6.4 x 8 m at 110 pixels a metre; lamplight comes from `warm_side` (-1..1)."""
    rows, columns = 880, 704
    canvas = np.zeros((rows, columns, 4), np.float32)
    tips: list[tuple[float, float]] = []

    def grow(x: float, y: float, heading: float, reach: float, width: float) -> None:
        bend = heading + float(rng.normal(0, 0.12))
        end = (x + reach * np.sin(bend), y - reach * np.cos(bend))
        tone = 0.045 + 0.05 * (0.5 + 0.5 * warm_side * np.sin(bend))
        cv2.line(
            canvas,
            (round(x * 8), round(y * 8)),
            (round(end[0] * 8), round(end[1] * 8)),
            (tone * 1.1, tone * 0.92, tone * 0.72, 1.0),
            max(1, round(width)),
            cv2.LINE_AA,
            3,
        )
        if reach < 75:
            tips.append(end)
        if reach > 18 and _in_crown(end[0], end[1], 1.0):
            for turn in (-0.42, 0.4) if rng.random() < 0.8 else (-0.5, 0.05, 0.5):
                shrink = float(rng.uniform(0.56, 0.76) if width > 18 else rng.uniform(0.68, 0.82))
                grow(end[0], end[1], bend + turn + float(rng.normal(0, 0.14)), reach * shrink, width * 0.7)

    grow(columns / 2, rows, 0.0, 250, 19)
    spots = np.array(tips)[rng.integers(len(tips), size=9000)] + rng.normal(0, 21, (9000, 2))
    for x, y in spots:
        if not _in_crown(x, y, rng.uniform(0.8, 1.05)):
            continue
        side = 0.5 + 0.5 * warm_side * (x - columns / 2) / (columns / 2)
        low = np.clip(y / rows, 0, 1)
        lit = float(rng.uniform(0.25, 1.0) ** 2)
        green = np.array((0.10, 0.15, 0.05)) if rng.random() < 0.8 else np.array((0.26, 0.19, 0.05))
        colour = (
            green * (np.array(AMBIENT) * 1.3 + 1.5 * np.array(LAMPLIGHT) * side**2 * low) * (0.3 + 1.3 * lit)
        )
        if rng.random() < 0.05:
            colour = colour * 1.6 + 0.10
        cv2.ellipse(
            canvas,
            (round(float(x)), round(float(y))),
            (int(rng.integers(4, 8)), int(rng.integers(2, 4))),
            float(rng.uniform(0, 180)),
            0,
            360,
            (*(float(c) for c in colour), 1.0),
            -1,
            cv2.LINE_AA,
        )
    return canvas


def _in_crown(x: float, y: float, reach: float) -> bool:
    return ((x - 352) / 335) ** 2 + ((y - 400) / 385) ** 2 < reach or y > 600


def lamp(mirrored: bool) -> Image:
    """A street lamp, 2.4 x 6 m at 100 pixels a metre; the arm reaches to the right unless mirrored."""
    canvas = np.zeros((600, 240, 4), np.float32)
    for x in range(34, 46):
        tone = 0.05 + 0.22 * np.exp(-(((x - 42) / 2.5) ** 2))
        canvas[40:, x] = (tone * 1.1, tone, tone * 0.9, 1.0)
    cv2.ellipse(canvas, (110, 70), (70, 55), 0, 180, 285, (0.14, 0.14, 0.15, 1.0), 8, cv2.LINE_AA)
    cv2.ellipse(canvas, (160, 26), (44, 13), 0, 0, 360, (0.10, 0.10, 0.11, 1.0), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (160, 32), (34, 8), 0, 0, 360, (15.0, 10.0, 5.2, 1.0), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (28, 520), (52, 600), (0.08, 0.08, 0.09, 1.0), -1)
    return canvas[:, ::-1].copy() if mirrored else canvas


def railing(length: float) -> Image:
    """A wet steel railing, 1.1 m high, at 150 pixels a metre."""
    canvas = np.zeros((165, int(length * 150), 4), np.float32)
    gloss = (0.30, 0.33, 0.38, 1.0)
    for x in range(4, canvas.shape[1], 21):
        canvas[12:150, x : x + 3] = gloss
        canvas[12:150, x + 3 : x + 4] = (0.62, 0.58, 0.52, 1.0)
    for x in range(0, canvas.shape[1], 315):
        canvas[:, x : x + 11] = (0.16, 0.17, 0.19, 1.0)
        canvas[:, x + 3 : x + 6] = (0.5, 0.5, 0.5, 1.0)
    for y, tall in ((0, 9), (144, 6)):
        canvas[y : y + tall] = (0.22, 0.24, 0.28, 1.0)
        canvas[y : y + 2] = (0.85, 0.8, 0.74, 1.0)
    return canvas


def car(paint: Colour, *, front: bool) -> Image:
    """A car from behind or from the front, 2 x 1.6 m at 160 pixels a metre."""
    canvas = np.zeros((256, 320, 4), np.float32)

    def shape(points: Sequence[tuple[int, int]], colour: Colour) -> None:
        # One half is given; the other is its mirror image.
        outline = [*points, *((319 - x, y) for x, y in reversed(points))]
        cv2.fillPoly(canvas, [np.array(outline, np.int32)], (*colour, 1.0), cv2.LINE_AA)

    shape([(26, 200), (26, 244), (32, 253), (66, 253), (72, 244), (72, 200)], (0.012, 0.012, 0.014))
    shape([(60, 200), (60, 236), (159, 240)], (0.008, 0.008, 0.01))
    shape(
        [(159, 14), (88, 17), (66, 32), (40, 96), (20, 112), (14, 140), (16, 214), (26, 228), (159, 230)],
        paint,
    )
    body = canvas[..., 3:] > 0.5
    shine = np.linspace(1.7, 0.4, 256, dtype=np.float32)[:, None, None] ** 1.5
    canvas[..., :3] *= np.where(body, shine, 1)
    shape([(159, 26), (92, 28), (78, 40), (58, 94), (159, 98)], (0.03, 0.035, 0.045))
    for y in range(28, 96):
        inside = canvas[y, :, 0] < 0.031
        canvas[y, inside & (canvas[y, :, 3] > 0.9), :3] = rgb((0.10, 0.13, 0.18)) * np.float32(1.4 - y / 80)
    shape([(159, 112), (30, 114), (30, 117), (159, 116)], scaled(paint, 2.4))
    shape([(159, 184), (18, 184), (20, 214), (30, 226), (159, 228)], scaled(paint, 0.35))
    for side in (0, 1):
        light = canvas[:, ::-1] if side else canvas
        view = np.ascontiguousarray(light)
        if front:
            cv2.ellipse(view, (52, 142), (26, 14), -12, 0, 360, (0.3, 0.32, 0.36, 1.0), -1, cv2.LINE_AA)
            cv2.ellipse(view, (54, 142), (15, 10), 0, 0, 360, (17.0, 16.0, 14.0, 1.0), -1, cv2.LINE_AA)
        else:
            cv2.rectangle(view, (20, 122), (66, 152), (0.9, 0.03, 0.02, 1.0), -1, cv2.LINE_AA)
            cv2.rectangle(view, (25, 127), (58, 140), (4.2, 0.18, 0.10, 1.0), -1, cv2.LINE_AA)
            cv2.rectangle(view, (25, 142), (44, 149), (1.2, 0.42, 0.06, 1.0), -1, cv2.LINE_AA)
        light[...] = view
    if front:
        canvas[140:172, 96:224] = (0.02, 0.02, 0.022, 1.0)
        for y in range(142, 172, 6):
            canvas[y : y + 2, 96:224] = (0.28, 0.29, 0.31, 1.0)
    canvas[188:208, 124:196] = (0.42, 0.42, 0.40, 1.0)
    letters(canvas[..., :3], "RAIN 05", (128, 204), 0.5, (0.03, 0.03, 0.03), 1)
    return canvas
