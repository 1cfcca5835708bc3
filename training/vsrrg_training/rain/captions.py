"""Subtitles, logos and running text over a clip."""

from __future__ import annotations

import string

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vsrrg_training.rain.draw import chance, uniform

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)
_LETTERS = string.ascii_letters + string.digits + "il1I|/!:"
"""Every letter, and upright thin ones more often."""


def captioned(clip: Tensor, generator: torch.Generator) -> Tensor:
    """One to three lines of text over a clip (T, 3, H, W), standing still or running."""
    frames, _, height, width = clip.shape
    running = chance(generator, 0.35)
    down = uniform(generator, -3, 3) if running and chance(generator, 0.4) else 0.0
    right = uniform(generator, -8, 8) if running and not down else 0.0
    # Enough of the strip lies beyond the frame for the text to run in from there.
    rows, columns = height + int(abs(down) * frames) + 1, width + int(abs(right) * frames) + 1
    masks = torch.from_numpy(_written(rows, columns, generator))
    strokes, outline = masks.to(clip.device).float() / 255
    colour = torch.ones(3, 1, 1, device=clip.device) * uniform(generator, 0.7, 1.0)
    if chance(generator, 0.3):
        colour = colour * torch.rand(3, 1, 1, generator=generator, device=generator.device)
    strength = uniform(generator, 0.4, 1.0)
    shown = []
    for t, frame in enumerate(clip):
        top = round(t * abs(down)) if down >= 0 else rows - height - round(t * abs(down))
        left = round(t * abs(right)) if right >= 0 else columns - width - round(t * abs(right))
        part = (slice(max(top, 0), max(top, 0) + height), slice(max(left, 0), max(left, 0) + width))
        dark = frame * (1 - strength * outline[part])
        shown.append(torch.lerp(dark, colour.expand_as(dark), strength * strokes[part]))
    return torch.stack(shown)


def _written(rows: int, columns: int, generator: torch.Generator) -> NDArray[np.uint8]:
    """Text and its dark outline, which may be missing, as masks (2, rows, columns)."""
    masks = np.zeros((2, rows, columns), np.uint8)
    strokes, outline = masks
    font = _FONTS[int(uniform(generator, 0, len(_FONTS)))]
    scale = uniform(generator, 0.3, 1.1)
    thickness = 1 if chance(generator, 0.7) else 2
    outlined = chance(generator, 0.4)
    for _ in range(1 + int(uniform(generator, 0, 3))):
        at = (int(uniform(generator, -0.2, 0.6) * columns), int(uniform(generator, 0.1, 1.0) * rows))
        words = _words(generator)
        if outlined:
            cv2.putText(outline, words, at, font, scale, 255, thickness + 2, cv2.LINE_AA)
        cv2.putText(strokes, words, at, font, scale, 255, thickness, cv2.LINE_AA)
    return masks


def _words(generator: torch.Generator) -> str:
    letters = [
        " " if chance(generator, 0.15) else _LETTERS[int(uniform(generator, 0, len(_LETTERS)))]
        for _ in range(int(uniform(generator, 6, 40)))
    ]
    return "".join(letters)
