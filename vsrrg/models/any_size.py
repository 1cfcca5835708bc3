"""How frames are aligned in a graph that is made once, for frames of any size.

Where torch makes a graph of the network, as exporters do, nothing may be cut into pieces by the size of the
frame, and there are no overlapping views and no assignments to parts. Here is what `alignment.py` does
instead; the numbers are the same but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def for_any_size() -> bool:
    """Whether torch is making a graph."""
    return torch.compiler.is_compiling()


def grid(flow: Tensor, size: Sequence[int], blocks: int, step: float) -> Tensor:
    """Where to fetch all pixels of an image; see `alignment._grid`."""
    height, width = size
    around = torch.stack((flow[:, 0] * (step / width), flow[:, 1] * (step / height)), 1)
    if blocks > 1:
        around = F.interpolate(around, scale_factor=float(blocks), mode="bilinear")
    x, y = _centres(width, flow), _centres(height, flow)
    places = torch.stack((x.expand(height, width), y[:, None].expand(height, width)))
    return around[:, :, :height, :width] + places


def phases(luma: Tensor, places: Tensor) -> Tensor:
    """The four phases (N, 4, h, w) of luma (N, 1, 2h, 2w) at places (N, h, w, 2) in the frame."""
    height, width = luma.shape[-2] - 1, luma.shape[-1] - 1
    cells = [luma[:, :, y : y + height, x : x + width] for y in range(2) for x in range(2)]
    x, y = places[..., 0] * ((width + 1) / width), places[..., 1] * ((height + 1) / height)
    among = torch.stack((x, y), -1)
    return F.grid_sample(torch.cat(cells, 1).float(), among, padding_mode="border", align_corners=False)


def windows(padded: Tensor, frames: int, side: int) -> list[Tensor]:
    """Every shift of `padded` (S * N, 1, h + side - 1, w + side - 1), where N is `frames`: those down side by
    side (S, N, side, h, w), one tensor for each shift along.
    """
    height, width = padded.shape[-2] - side + 1, padded.shape[-1] - side + 1
    down = torch.cat([padded[:, :, y : y + height] for y in range(side)], 1)
    return [down[..., x : x + width].reshape(-1, frames, side, height, width) for x in range(side)]


def _centres(count: int, like: Tensor) -> Tensor:
    """Positions of `count` pixels from -1 to 1, to the last bit those of `alignment._centres`."""
    # torch.linspace needs a fixed count. It counts from both ends, and rounds once for each position.
    i = torch.arange(count, device=like.device, dtype=torch.float64)
    last = torch.full_like(i[:1], count - 1)
    end = (1 - 1 / (last + 1)).float()
    step = (2 * end / last.clamp(min=1).float()).double()
    positions = torch.where(i < count // 2, step * i - end.double(), end.double() - step * (last - i))
    return positions.to(like.dtype)
