"""From features to the rain layer: group fusion, summary of the whole frame, decoder, presence of rain."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.config import RRGNetConfig
from vsrrg.models.layers import blocks, pointwise


class GroupFusion(nn.Module):
    """Joins the deep features of each group, with weights shared by all groups, then the groups by a
    softmax per pixel.
    """

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.join = nn.Conv2d(3 * c.eighth, c.eighth, 1)
        self.mix = nn.Conv2d(c.eighth, c.eighth, 3, padding=1)
        self.attention = nn.Conv2d(c.eighth, 1, 1)

    def forward(self, centre: Tensor, groups: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        fused = [
            F.relu_(self.mix(F.relu_(pointwise(torch.cat((before, centre, after), 1), self.join))))
            for before, after in groups
        ]
        # A softmax, written out: torch's own rounds a pixel differently with its place in the picture.
        votes = torch.cat([pointwise(group, self.attention) for group in fused], 1).float()
        votes = (votes - votes.amax(1, keepdim=True)).exp()
        votes = (votes / votes.sum(1, keepdim=True)).to(centre.dtype)
        for vote, group in zip(votes.chunk(len(fused), 1), fused, strict=True):
            centre = centre + vote * group
        return centre


class Climate(nn.Module):
    """What the whole frame says: whether it rains at all, how and which way, as a gain and an offset for
    every channel.

    A bright speck on a moving hoof looks like a drop; that there is no other rain in the frame tells them
    apart.
    """

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(c.eighth, c.eighth, 1)
        self.excite = nn.Linear(c.eighth, 2 * (c.eighth + c.half))
        self.sizes = [c.eighth, c.eighth, c.half, c.half]
        nn.init.zeros_(self.excite.weight)
        nn.init.zeros_(self.excite.bias)

    def forward(self, fused: Tensor) -> tuple[Tensor, ...]:
        """Gain and offset (N, C, 1, 1) for the deep level, then for the shallow one."""
        mean = F.relu_(self.squeeze(fused)).mean((2, 3), dtype=torch.float32)
        values: Tensor = self.excite(mean.to(fused.dtype))
        return torch.split(values[:, :, None, None], self.sizes, 1)


class Presence(nn.Module):
    """How likely it is that a frame holds rain at all.

    Rain falls all over a frame, and what is mistaken for rain lies in places: cells of 32x32 luma pixels
    vote, from the logarithms of what the decoder sees and says there. It only listens: no gradient
    reaches the decoder.
    """

    cell = 16

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.first = nn.Conv2d(c.half + 6, 32, 1)
        self.second = nn.Conv2d(32, 32, 1)
        self.vote = nn.Linear(32, 1)

    def forward(self, cells: Tensor) -> Tensor:
        """Logit (N,) from the `cells` of a frame."""
        x = torch.log(cells + 1e-3).to(self.first.weight.dtype)
        x = F.relu(self.second(F.relu(self.first(x)))).float().mean((2, 3))
        logit: Tensor = self.vote(x.to(self.vote.weight.dtype))[:, 0]
        return logit.float()

    def cells(self, seen: Tensor, rain: Tensor) -> Tensor:
        """Means (N, half + 6, rows, columns) over cells of the last features (N, half, h, w) and the layer
        (N, 6, h, w).
        """
        seen, rain = seen.detach().relu(), rain.detach().abs()
        return torch.cat([F.avg_pool2d(x, self.cell, ceil_mode=True).float() for x in (seen, rain)], 1)


class Decoder(nn.Module):
    """Fused features, the centre's own, and order statistics to the rain layer.

    At the last level rectifiers may leak (`leak`).
    """

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.leak = c.leak
        self.climate = Climate(c)
        self.eighth = blocks(c.eighth, c.decoder_blocks)
        self.to_quarter = nn.Conv2d(c.eighth, c.quarter, 1)
        self.quarter = blocks(c.quarter, c.decoder_blocks)
        self.to_half = nn.Conv2d(c.quarter, c.half, 1)
        self.statistics = nn.Conv2d(12 * c.radius, c.half, 3, padding=1)
        self.refine = blocks(c.half, c.refine_blocks, c.leak)
        self.rain = nn.Conv2d(c.half, 6, 3, padding=1)
        self.presence = Presence(c) if c.presence else None
        with torch.no_grad():
            self.rain.weight.mul_(0.1)

        self.deep_halo = 12 * c.decoder_blocks
        """Rows of the packed frame that `deep` sees around a band."""
        self.shallow_halo = 2 + 2 * c.refine_blocks
        """Rows of the packed frame that `shallow` sees around a band."""

    def deep(self, fused: Tensor, quarter: Tensor, climate: Sequence[Tensor]) -> Tensor:
        """From the fused features at (h/4, w/4) and the centre's own to (N, half, h/2, w/2)."""
        deep_gain, deep_offset, gain, offset = climate
        x = self.to_quarter(self.eighth(_adjusted(fused, deep_gain, deep_offset)))
        x = self.quarter(F.interpolate(x, scale_factor=2.0).add_(quarter))
        return _adjusted(self.to_half(F.relu_(x)), gain, offset)

    def shallow(
        self, deep: Tensor, half: Tensor, statistics: Tensor, climate: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """The last features (N, half, h, w), and the rain layer (N, 6, h, w) float32."""
        # In place, because large tensors leave the cache.
        own = self.statistics(statistics.contiguous(memory_format=torch.channels_last)).add_(half)
        x = F.interpolate(deep, scale_factor=2.0).addcmul_(own, _wide(1 + climate[2], own))
        x = F.leaky_relu_(self.refine(F.leaky_relu_(x, self.leak)), self.leak)
        return x, self.rain(x).float()


def _adjusted(x: Tensor, gain: Tensor, offset: Tensor) -> Tensor:
    """x with a gain beyond 1 and an offset (N, C, 1, 1) for every channel."""
    return torch.addcmul(_wide(offset, x), x, _wide(1 + gain, x))


def _wide(numbers: Tensor, x: Tensor) -> Tensor:
    """Numbers (N, C, 1, 1), repeated along the rows of x: torch takes many times longer without."""
    return numbers.expand(-1, -1, 1, x.shape[3]).contiguous(memory_format=torch.channels_last)
