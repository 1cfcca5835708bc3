"""What neighbouring frames agree on: the scene without its rain, where the camera hardly moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg.models.alignment import estimate_motion, pyramid, warp

NEIGHBOURS = 4


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The nearest other frames of a frame, and how they lie."""

    frames: list[int]
    motion: Tensor
    """As from `estimate_motion`, one for each of them."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """The background of a clip as its neighbours show it."""

    background: Tensor
    """(T, 6, h, w) packed: the median of the four nearest other frames, moved onto each frame."""
    spread: Tensor
    """(T, 4, h, w): range of luma of the three darkest of them; rain in one of the four does not count."""


@torch.no_grad()
def neighbourhoods(packed: Tensor) -> list[Neighbourhood]:
    """The four nearest other frames of each frame of a clip (T, 6, h, w), h and w multiples of 4.

    Frames near the ends take more of them from the other side. Raises ValueError for fewer than 5 frames.
    """
    frames = len(packed)
    if frames <= NEIGHBOURS:
        raise ValueError(f"a clip of {frames} frames has no consensus: give {NEIGHBOURS + 1} or more")
    scales = pyramid(packed)
    found = []
    for here in range(frames):
        near = sorted((k for k in range(frames) if k != here), key=lambda k: (abs(k - here), k))[:NEIGHBOURS]
        centre, others = (type(scales)(*(level[which] for level in scales)) for which in ([here], near))
        found.append(Neighbourhood(near, estimate_motion(centre, others)))
    return found


@torch.no_grad()
def consensus(packed: Tensor, near: Sequence[Neighbourhood] | None = None) -> Consensus:
    """The consensus of a clip (T, 6, h, w), whose frames lie to each other as its own or as given."""
    backgrounds, spreads = [], []
    luma = F.pixel_shuffle(packed[:, :4].float(), 2)
    for n in near or neighbourhoods(packed):
        fine = F.pixel_unshuffle(warp(luma[n.frames], n.motion, 2.0), 2)
        moved = torch.cat((fine, warp(packed[n.frames, 4:].float(), n.motion, 1.0)), 1).sort(0).values
        backgrounds.append((moved[1] + moved[2]) / 2)
        spreads.append(moved[2, :4] - moved[0, :4])
    return Consensus(torch.stack(backgrounds), torch.stack(spreads))
