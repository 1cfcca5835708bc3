"""The teachers: one tells rainy pictures from rain-free ones, one restores what scattering blurred."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.rrgnet import Features, FrameEncoder, RRGNetConfig
from vsrrg_training.data.yuv import rgb_from_packed
from vsrrg_training.losses import charbonnier
from vsrrg_training.run.objective import Objective, Picture
from vsrrg_training.transfer.crops import Seen
from vsrrg_training.transfer.heads import PictureHead, RainHead

KNEE = 2e-3
"""Charbonnier's knee for pictures, packed units."""

LOUDER = 5.0
"""Makes the detail of a picture about as loud as the picture."""


class Teacher(nn.Module):
    """An encoder with the head of its task."""

    def __init__(
        self,
        config: RRGNetConfig,
        head: RainHead | PictureHead,
        see: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.encoder = FrameEncoder(config)
        self.head = head
        self.see = see

    def forward(self, packed: Tensor) -> tuple[Features, Tensor]:
        """Features of packed pictures (N, 6, h, w), and the head's answer."""
        features: Features = self.encoder(self.see(packed) if self.see else packed)
        return features, self.head(features)


def recogniser(config: RRGNetConfig, *, on_relief: bool = True) -> Teacher:
    """A fresh teacher for connected task 1, which sees the relief of a picture alone.

    Shown the picture itself it cannot tell frames with rain from the same frames without (docs/ttl.md).
    """
    return Teacher(config, RainHead(config), relief if on_relief else None)


def restorer(config: RRGNetConfig) -> Teacher:
    """A fresh teacher for connected task 2."""
    return Teacher(config, PictureHead(config))


def relief(packed: Tensor) -> Tensor:
    """Packed pictures (N, 6, h, w) without light and colour: luma minus its mean over 14x14 px, no chroma."""
    luma = packed[:, :4].float()
    around = F.avg_pool2d(F.pad(luma.mean(1, keepdim=True), (3,) * 4, mode="reflect"), 7, stride=1)
    return torch.cat((LOUDER * (luma - around), torch.zeros_like(packed[:, 4:])), 1)


class RecogniseObjective(Objective):
    """Cross-entropy of rainy against rain-free."""

    network: Teacher

    def __init__(self, network: Teacher) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Seen) -> tuple[Tensor, dict[str, Tensor]]:
        _, logit = self.network(batch.packed)
        right = ((logit.detach() > 0) == (batch.rainy > 0.5)).float().mean()
        return F.binary_cross_entropy_with_logits(logit, batch.rainy), {"accuracy": right}

    def picture(self, batch: Seen) -> Picture:
        """The pictures, those taken for rainy with a white bar on top."""
        _, logit = self.network(batch.packed)
        pictures = rgb_from_packed(batch.packed.cpu())
        for picture, value in zip(pictures, logit.tolist(), strict=True):
            picture[:4] = 255 if value > 0 else 0
        return np.concatenate(list(pictures), axis=1)


class RestoreObjective(Objective):
    """Distance of the restored picture to the sharp one."""

    network: Teacher

    def __init__(self, network: Teacher) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Seen) -> tuple[Tensor, dict[str, Tensor]]:
        _, change = self.network(batch.packed)
        error = batch.packed + change - batch.sharp
        sums = {
            "before": (batch.packed - batch.sharp)[:, :4].square().sum(),
            "after": error.detach()[:, :4].square().sum(),
        }
        return charbonnier(error, KNEE), sums

    def figures(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Gain of luma over the blurred picture, dB."""
        return {"gain_db": 10 * math.log10(max(sums["before"], 1e-12) / max(sums["after"], 1e-12))}

    def picture(self, batch: Seen) -> Picture:
        """A row for each picture: blurred, restored, sharp."""
        _, change = self.network(batch.packed)
        columns = [rgb_from_packed(x.cpu()) for x in (batch.packed, batch.packed + change, batch.sharp)]
        return np.concatenate([np.concatenate(list(column), axis=0) for column in columns], axis=1)
