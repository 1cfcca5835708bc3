"""Frames that show the same picture reach the network as one, in streams and in any order."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from engine_support import all_same, clip, descriptor, open_session
from torch import Tensor, nn

from vsrrg.engine import Derainer


class Distinct(nn.Module):
    """Rain in the measure of how many different objects the window holds."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(0.1))

    def encode(self, packed: Tensor) -> Tensor:
        return packed.clone()

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        count = len({id(features) for features in window})
        return torch.full_like(window[0], 0.1 * count)


SESSION = open_session(descriptor(Distinct))


def derained(frames):
    stream = list(Derainer(SESSION, scene_cuts=False).stream(frames))
    derainer = Derainer(SESSION, scene_cuts=False)
    order = [3, 0, 5, 1, 4, 2][: len(frames)] if len(frames) == 6 else range(len(frames))
    anyhow = {n: derainer.frame(n, frames.__getitem__, len(frames)) for n in order}
    assert all_same(stream, [anyhow[n] for n in range(len(frames))])
    return stream


def different(frames):
    """How many different pictures the network was shown for each frame, read off its answer."""
    drops = [
        np.mean(frame.planes[0].astype(float) - out.planes[0])
        for frame, out in zip(frames, derained(frames), strict=True)
    ]
    return [round(drop / (0.1 * 219)) for drop in drops]


def test_a_held_picture_is_one_picture():
    (frame,) = clip([0])
    held = [replace(frame, pts=10 * n) for n in range(6)]
    assert different([frame]) == [1]
    assert different(held) == [1] * 6
    assert all(
        np.array_equal(a.planes[0], b.planes[0])
        for a, b in zip(derained(held), derained([frame]) * 6, strict=True)
    )


def test_a_copy_of_the_pixels_is_the_same_picture_and_one_other_pixel_is_not():
    (frame,) = clip([0])
    copies = [replace(frame, planes=tuple(plane.copy() for plane in frame.planes)) for _ in range(6)]
    assert different(copies) == [1] * 6
    copies[4].planes[2][7, 9] ^= 1
    assert different(copies) == [1, 1, 2, 2, 2, 2]


def test_pulldown_shows_each_picture_once():
    a, b, c = clip([0, 0, 0])
    assert different([a, a, b, b, c, c]) == [2, 2, 3, 3, 2, 2]
    assert different([a, b, c]) == [3, 3, 3]
