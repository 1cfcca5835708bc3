"""A model and a filter that cost nothing, for what is tested around them: each frame of a window and each
option shows in every result.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vsrrg.engine import FrameFilter
from vsrrg.hooks import FilterDescriptor
from vsrrg.models import ModelDescriptor


class AboveMinimum(nn.Module):
    """Rain is what lies above the minimum of the window: none in pictures that are held."""

    def encode(self, packed: Tensor) -> Tensor:
        """The frame itself."""
        return packed.clone()

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        """The layer of the middle one of any number of frames."""
        return window[len(window) // 2] - torch.stack(list(window)).amin(0)

    def forward(self, window: Tensor) -> Tensor:
        """The same at once."""
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])


MODEL = ModelDescriptor(
    name="vsrrg-testing",
    description="what lies above the minimum of five frames",
    radius=2,
    multiple=2,
    halo=0,
    load=lambda: AboveMinimum().eval(),
)
FILTER = FilterDescriptor(
    name="vsrrg-testing",
    description="half of the rain",
    make=lambda: FrameFilter(rain=lambda rain, view: rain / 2),
)
