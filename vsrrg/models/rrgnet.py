"""RRGNet: a frame-grouping encoder-decoder that predicts the rain layer of a frame from its neighbours.

Our reading of *Towards General and Fast Video Derain via Knowledge Distillation* (arXiv 2308.05346):
every frame is encoded once; the frames at distance d before and after the centre form group d; groups
share their fusion weights and are joined by attention. Beyond the paper, groups are aligned
(`alignment.py`), the decoder sees where the centre lies among its group's order statistics, because rain
is bright and gone in the next frame, and a summary of the whole frame tells it whether there is rain at
all (`Climate`). A picture without neighbours is left to a network of its own (`picture.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.profiler import record_function

from vsrrg.models.alignment import Pyramid, estimate_motion, pyramid, warp
from vsrrg.models.layers import blocks, gated
from vsrrg.models.picture import PictureNet


@dataclass(frozen=True)
class RRGNetConfig:
    """Sizes of an RRGNet; h and w below are those of the packed frame."""

    arch: str = "rrgnet"
    radius: int = 2
    """Groups: frames looked at on either side."""
    half: int = 32
    """Channels at (h, w)."""
    quarter: int = 64
    """Channels at (h/2, w/2)."""
    eighth: int = 96
    """Channels at (h/4, w/4)."""
    quarter_blocks: int = 1
    """Residual blocks of the encoder at (h/2, w/2)."""
    eighth_blocks: int = 2
    """Residual blocks of the encoder at (h/4, w/4)."""
    decoder_blocks: int = 1
    """Residual blocks of the decoder at (h/4, w/4) and at (h/2, w/2)."""
    refine_blocks: int = 2
    """Residual blocks of the decoder at (h, w)."""
    leak: float = 0.0
    """Slope of the decoder's rectifiers at (h, w) below zero. Where all frames of a window are alike the
    order statistics are silent, and units that then fall silent, too, never learn to see rain in a still.
    """
    dead_zone: float = 0.003
    """Rain below this is none: the layer is exactly zero there, and whole from twice this on."""
    presence: bool = False
    """Whether the network also says if there is rain in the frame at all."""
    dry: float = 0.03
    """Probability of rain up to which a frame is left as it is."""
    wet: float = 0.15
    """Probability of rain from which the rain layer is whole."""
    picture: int = 0
    """Channels at (h, w) of the network for windows that show one picture only; 0: none, and such pictures
    are left to the order statistics, which say nothing about them.
    """
    picture_dry: float = 0.5
    """`dry` for such windows."""
    picture_wet: float = 0.7
    """`wet` for such windows."""

    def __post_init__(self) -> None:
        if self.arch != "rrgnet" or self.radius < 1:
            raise ValueError("an RRGNet has arch 'rrgnet' and a radius of at least 1")
        for dry, wet in ((self.dry, self.wet), (self.picture_dry, self.picture_wet)):
            if not 0 <= dry < wet <= 1:
                raise ValueError(f"an RRGNet has 0 <= dry < wet <= 1, not dry={dry} and wet={wet}")

    @property
    def multiple(self) -> int:
        """Packed height and width must be multiples of this."""
        return 4

    @property
    def halo(self) -> None:
        """None: the summary of the whole frame reaches everywhere."""


class Features(NamedTuple):
    """One frame (or a batch of N) as the encoder leaves it."""

    packed: Tensor
    """(N, 6, h, w) float32: the frame itself."""
    luma: Pyramid
    """Its luma at several sizes: what alignment compares and moves."""
    half: Tensor
    """(N, half, h, w)."""
    quarter: Tensor
    """(N, quarter, h/2, w/2)."""
    eighth: Tensor
    """(N, eighth, h/4, w/4)."""


class FrameEncoder(nn.Module):
    """One packed frame to features at three scales."""

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.stem = nn.Conv2d(6, c.half, 3, padding=1)
        self.to_quarter = nn.Conv2d(c.half, c.quarter, 3, stride=2, padding=1)
        self.quarter = blocks(c.quarter, c.quarter_blocks)
        self.to_eighth = nn.Conv2d(c.quarter, c.eighth, 3, stride=2, padding=1)
        self.eighth = blocks(c.eighth, c.eighth_blocks)

    def forward(self, packed: Tensor) -> Features:
        x = packed.to(self.stem.weight.dtype, memory_format=torch.channels_last)
        half = F.relu(self.stem(x))
        quarter = self.quarter(F.relu(self.to_quarter(half)))
        eighth = self.eighth(F.relu(self.to_eighth(F.relu(quarter))))
        packed = packed.float()
        return Features(packed, pyramid(packed), half, quarter, eighth)


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
            F.relu(self.mix(F.relu(self.join(torch.cat((before, centre, after), 1)))))
            for before, after in groups
        ]
        votes = torch.cat([self.attention(group) for group in fused], 1).softmax(1)
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
        mean = F.relu(self.squeeze(fused)).float().mean((2, 3))
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

    def forward(self, seen: Tensor, rain: Tensor) -> Tensor:
        """Logit (N,) from the last features (N, half, h, w) and the layer (N, 6, h, w)."""
        seen, rain = seen.detach().float().relu(), rain.detach().float().abs()
        cells = [F.avg_pool2d(values, self.cell, ceil_mode=True) for values in (seen, rain)]
        x = torch.log(torch.cat(cells, 1) + 1e-3).to(self.first.weight.dtype)
        x = F.relu(self.second(F.relu(self.first(x)))).float().mean((2, 3))
        logit: Tensor = self.vote(x.to(self.vote.weight.dtype))[:, 0]
        return logit.float()


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

    def forward(self, fused: Tensor, centre: Features, statistics: Tensor) -> tuple[Tensor, Tensor]:
        """The rain layer (N, 6, h, w) and the logit (N,) of there being rain."""
        deep_gain, deep_offset, gain, offset = self.climate(fused)
        x = self.to_quarter(self.eighth(torch.addcmul(fused + deep_offset, fused, deep_gain)))
        x = self.quarter(F.interpolate(x, scale_factor=2.0) + centre.quarter)
        x = F.interpolate(self.to_half(F.relu(x)), scale_factor=2.0) + centre.half
        statistics = statistics.to(x.dtype, memory_format=torch.channels_last)
        x = x + self.statistics(statistics)
        x = F.leaky_relu(torch.addcmul(x + offset, x, gain), self.leak)
        x = F.leaky_relu(self.refine(x), self.leak)
        rain = self.rain(x).float()
        return rain, self.presence(x, rain) if self.presence else rain.new_full((len(rain),), 9.0)


class RRGNet(nn.Module):
    """The network: `encode` each frame, `fuse` a window of encodings into the rain layer of its middle
    frame.
    """

    def __init__(self, config: RRGNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = FrameEncoder(config)
        self.fusion = GroupFusion(config)
        self.decoder = Decoder(config)
        self.picture = PictureNet(config.picture) if config.picture else None

    def encode(self, packed: Tensor) -> Features:
        """Encode packed frames (N, 6, h, w), float32; h and w are multiples of 4."""
        features: Features = self.encoder(packed)
        return features

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (N, 6, h, w), float32 in packed units, of the middle one of 2r+1 encoded frames.

        Faint rain is none (`dead_zone`), and neither is any in a frame that hardly holds rain (`dry`). Where
        all encodings are the same object, there is but one picture, and what it looks like must do.
        """
        c = self.config
        whole = len(window) == 2 * c.radius + 1
        if self.picture and whole and all(features is window[0] for features in window):
            rain, logit = self.picture(window[0].packed)
            return gated(rain, logit, c.dead_zone, c.picture_dry, c.picture_wet)
        return gated(*self.predict(window), c.dead_zone, c.dry, c.wet)

    def predict(self, window: Sequence[Features]) -> tuple[Tensor, Tensor]:
        """The raw rain layer (N, 6, h, w) of a window, and the logit (N,) of there being rain: what is
        trained.
        """
        radius = self.config.radius
        if len(window) != 2 * radius + 1:
            raise ValueError(f"a window of {2 * radius + 1} frames is wanted, not of {len(window)}")
        centre = window[radius]
        sides = [window[radius + d * sign] for d in range(1, radius + 1) for sign in (-1, 1)]
        with record_function("vsrrg.fuse"):
            luma, deep = _align(centre, sides)
            statistics = torch.cat([_order(centre, *luma[2 * d : 2 * d + 2]) for d in range(radius)], 1)
            fused = self.fusion(centre.eighth, [(deep[2 * d], deep[2 * d + 1]) for d in range(radius)])
        with record_function("vsrrg.decode"):
            rain, logit = self.decoder(fused, centre, statistics)
        return rain, logit

    def forward(self, window: Tensor) -> Tensor:
        """Rain layer (N, 6, h, w) from a window (N, 2r+1, 6, h, w): equals `fuse` of its encoded frames."""
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])

    def predict_clip(self, features: Features, batch: int) -> tuple[Tensor, Tensor]:
        """What `predict` says of every frame that has a whole window, in the encoded frames of `batch` clips,
        clip after clip: layers (batch, T-2r, 6, h, w) and logits (batch, T-2r).
        """
        frames = len(features.packed) // batch
        width = 2 * self.config.radius + 1
        centres = frames - width + 1

        def shifted(values: Tensor, k: int) -> Tensor:
            return values.reshape(batch, frames, *values.shape[1:])[:, k : k + centres].flatten(0, 1)

        rain, logit = self.predict(
            [
                Features(
                    shifted(features.packed, k),
                    Pyramid(*(shifted(level, k) for level in features.luma)),
                    *(shifted(level, k) for level in features[2:]),
                )
                for k in range(width)
            ]
        )
        return rain.reshape(batch, centres, *rain.shape[1:]), logit.reshape(batch, centres)


def _align(centre: Features, sides: Sequence[Features]) -> tuple[list[Tensor], list[Tensor]]:
    """The luma (N, 4, h, w) and deep features of the neighbours, moved onto the centre frame."""
    count = len(sides)
    with torch.no_grad():
        others = Pyramid(*(torch.cat(levels) for levels in zip(*(side.luma for side in sides), strict=True)))
        flow = estimate_motion(centre.luma, others)
        luma = F.pixel_unshuffle(warp(others.full, flow, 2.0), 2)
    deep = torch.cat([side.eighth for side in sides])
    moved = warp(deep.float(), flow, 0.25).to(deep.dtype)
    return list(luma.chunk(count)), list(moved.chunk(count))


def _order(centre: Features, before: Tensor, after: Tensor) -> Tensor:
    """How far the centre's luma lies above the minimum, the median and the maximum of its group: (N, 12,
    h, w).

    Rain lifts the centre alone; where alignment fails, the neighbours lie on both sides of it.
    """
    x = centre.packed[:, :4]
    low, high = torch.minimum(before, after), torch.maximum(before, after)
    median = torch.maximum(low, torch.minimum(x, high))
    return torch.cat((x - torch.minimum(x, low), x - median, x - torch.maximum(x, high)), 1)
