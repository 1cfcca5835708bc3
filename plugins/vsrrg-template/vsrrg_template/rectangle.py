"""A rain layer without the rain in a rectangle."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from vsrrg.engine import View

LUMA = 4
"""Channels 0..3 of a layer are the phases of luma, 4 and 5 chroma at half the size."""


def without_rain(left: int, top: int, right: int, bottom: int, rain: Tensor, view: View) -> Tensor:
    """The layer (6, h, w) with zeros for the pixels left..right, top..bottom, which thus stay as they are.

    So does all chroma that reaches into the rectangle. What lies beyond the frame does not matter.
    """
    luma = pixel_shuffle(rain[:LUMA], 2).clone()
    luma[:, top:bottom, left:right] = 0
    chroma = rain[LUMA:].clone()
    chroma[:, _cells(top, bottom, view.format.sub_h), _cells(left, right, view.format.sub_w)] = 0
    return torch.cat((pixel_unshuffle(luma, 2), chroma))


def _cells(start: int, stop: int, sub: int) -> slice:
    """The cells of 2 pixels that share a sample of chroma with pixels start..stop; `sub` is the log2 of the
    pixels that a sample covers.
    """
    step = max(2, 1 << sub)
    return slice(start // step * step // 2, -(-stop // step) * step // 2)
