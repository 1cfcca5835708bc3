"""The consensus as an ``nn.Module`` with the methods of ``vsrrg.models.base.DerainModel``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

LUMA = 4
"""Channels 0..3 of a packed frame are luma phases, the rest chroma."""


class Consensus(nn.Module):
    """Takes as rain what lies above the median of the previous, the current and the next frame.

    Luma: rain = x - min(x, median), never negative. Chroma: rain = x - median where any of the cell's four
    luma samples has rain, else 0.
    """

    def encode(self, packed: Tensor) -> Tensor:
        """The frames themselves, (N, 6, h, w)."""
        return packed

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        """Rain layer (N, 6, h, w) of the middle one of three frames, in their units."""
        before, now, after = window
        low, high = torch.minimum(before, after), torch.maximum(before, after)
        above = now - torch.minimum(torch.maximum(now, low), high)
        luma = above[:, :LUMA].clamp_min(0)
        rainy = (luma > 0).any(dim=1, keepdim=True)
        return torch.cat((luma, torch.where(rainy, above[:, LUMA:], 0)), dim=1)

    def forward(self, window: Tensor) -> Tensor:
        """The same from a window (N, 3, 6, h, w)."""
        return self.fuse([self.encode(frame) for frame in window.unbind(dim=1)])
