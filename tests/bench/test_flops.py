"""Arithmetic is counted as the layers' sizes say, and without doing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from vsrrg.bench.flops import frame_flops
from vsrrg.models import ModelDescriptor


class Two(nn.Module):
    """A convolution for each frame, and one for each window."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(6, 8, 3, padding=1)
        self.second = nn.Conv2d(24, 6, 1)

    def encode(self, packed: Tensor) -> Tensor:
        features: Tensor = self.first(packed)
        return features

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        rain: Tensor = self.second(torch.cat(list(window), 1))
        return rain


class Curious(Two):
    """Looks at the values."""

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        return super().fuse(window) if window[0].max() > 0 else window[0]


def descriptor(load: Callable[[], nn.Module]) -> ModelDescriptor:
    return ModelDescriptor(name="two", description="", radius=1, multiple=8, halo=1, load=load)


def test_a_frame_is_encoded_once_and_fused_once() -> None:
    # 30x20 packs to 15x10, which is padded to 16x16.
    assert frame_flops(descriptor(Two), 30, 20) == 2 * 16 * 16 * (6 * 8 * 9 + 24 * 6)


def test_a_network_that_looks_at_values_is_not_counted() -> None:
    assert frame_flops(descriptor(Curious), 30, 20) is None
