"""Scene cuts: does a new shot begin with this frame? Decided on the luma of the two frames alone.

Nothing but the pair counts, so that random access and streaming agree. Two things speak for a cut:

- *Surprise*: the frame is cut into 4 x 4 blocks, and each is sought in the other frame around its place, by
  normalized correlation. Motion moves blocks and a change of light scales them; either leaves a good match
  somewhere, and another scene does not. What no match explains, weighted by contrast, both ways: 0..1.
- *Histogram*: the share of cells whose luma falls into another of 16 bins. Motion leaves it nearly alone.
  Its say is limited, or lightning would be a cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from torch import Tensor

type Signature = np.ndarray[Any, np.dtype[np.float32]]
"""Luma, nominally 0..1, in cells."""

ROWS, COLUMNS = 36, 64
"""Cells of a signature at most: about 1/10 of 640 x 360, where rain and noise have averaged out."""
BLOCKS = 4
"""Blocks in each direction; each may have moved by 1/7 of the height and 1/8 of the width."""
FAINT = 0.01
"""Contrast of a block below which it is taken for noise."""
HISTOGRAM_LIMIT = 0.25
CUT = 0.6
"""Surprise plus histogram above which a pair is a cut.

Measured on 26 clips (DAVIS, driving, street, real rain; 1,980 neighbouring pairs): never above 0.52, and
above 0.6 once in 495 pairs at double speed; with sudden light (gain 0.4 to 1.6, offset up to 0.4 falling off
downwards, clipped) in at most 3.4 %. 1,500 pairs from different clips: never below 0.63; the 25 joints of the
clips in a row: all found. Stills panned by 12 % or zoomed by 10 %: not above 0.53.
"""
LEVEL_CUT = 0.1
"""The same for the mean difference of frames without any contrast."""
ROUNDING = 1e-3
"""More than two ways to compute the same surprise differ by."""


def signature(packed: Tensor) -> Tensor:
    """What `is_cut` needs of a packed frame (6, h, w), on its device: the luma in at most 36 x 64 cells."""
    from torch.nn.functional import adaptive_avg_pool2d

    luma = packed[:4].mean(0, keepdim=True)
    cells = (min(ROWS, luma.shape[1]), min(COLUMNS, luma.shape[2]))
    return adaptive_avg_pool2d(luma, cells)[0].float()


def is_cut(before: Signature, after: Signature) -> bool:
    """Whether a new shot begins between two neighbouring frames."""
    histogram = min(_histogram_change(before, after), HISTOGRAM_LIMIT)
    if _surprise_at_rest(before, after) + histogram < CUT - ROUNDING:
        return False
    there, contrast = _surprise(before, after)
    back, contrast_before = _surprise(after, before)
    if max(contrast, contrast_before) < FAINT:
        return float(np.abs(before - after).mean()) > LEVEL_CUT
    return (there + back) / 2 + histogram > CUT


def _surprise_at_rest(before: Signature, after: Signature) -> float:
    """What is unexplained, both ways, if nothing has moved: no less than if blocks may move, and found in a
    tenth of the time. 1 for frames without contrast.
    """
    rows, columns = before.shape
    height, width = -(-rows // BLOCKS), -(-columns // BLOCKS)
    down, across = rows // height, columns // width
    a, b = (
        x[: down * height, : across * width]
        .reshape(down, height, across, width)
        .swapaxes(1, 2)
        .reshape(down * across, height * width)
        for x in (before, after)
    )
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    floor = height * width * FAINT**2
    own_a, own_b, both = (np.einsum("ij,ij->i", x, y) for x, y in ((a, a), (b, b), (a, b)))
    if max((own**0.5).mean() for own in (own_a, own_b)) < floor**0.5:
        return 1.0
    unexplained = 1 - (both / np.sqrt((own_a + floor) * (own_b + floor))).clip(0)
    there, back = (float(own**0.5 @ unexplained / max((own**0.5).sum(), 1e-6)) for own in (own_b, own_a))
    return (there + back) / 2


def _surprise(seen: Signature, frame: Signature) -> tuple[float, float]:
    """Share of the frame's contrast that nothing nearby in `seen` explains, and that contrast, a mean."""
    rows, columns = frame.shape
    height, width = -(-rows // BLOCKS), -(-columns // BLOCKS)
    places = sliding_window_view(seen, (height, width))
    size = height * width
    unexplained = contrast = 0.0
    tops, lefts = range(0, rows - height + 1, height), range(0, columns - width + 1, width)
    for top in tops:
        for left in lefts:
            block = frame[top : top + height, left : left + width].reshape(size)
            block = block - block.mean()
            near = places[max(0, top - rows // 7) : top + rows // 7 + 1]
            near = near[:, max(0, left - columns // 8) : left + columns // 8 + 1].reshape(-1, size)
            energy = np.einsum("ij,ij->i", near, near) - size * near.mean(1) ** 2
            own = float(block @ block)
            floor = size * FAINT**2
            best = float((near @ block / np.sqrt((energy.clip(0) + floor) * (own + floor))).max())
            unexplained += own**0.5 * (1 - max(0.0, best))
            contrast += own**0.5
    mean_contrast = contrast / (len(tops) * len(lefts) * size**0.5)
    return unexplained / max(contrast, 1e-6), mean_contrast


def _histogram_change(before: Signature, after: Signature) -> float:
    bins = [
        np.bincount((x.clip(0, 0.999) * 16).astype(np.int64).ravel(), minlength=16) for x in (before, after)
    ]
    return float(np.abs(bins[0] - bins[1]).sum()) / (2 * before.size)
