"""What is asked of a frame encoder on the connected tasks; heads are thrown away afterwards."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.layers import ResidualBlock
from vsrrg.models.rrgnet import Features, RRGNetConfig


class RainHead(nn.Module):
    """Whether it rains: a logit (N,) from the means over the frame of the features of all scales."""

    def __init__(self, c: RRGNetConfig, hidden: int = 32) -> None:
        super().__init__()
        self.squeeze = nn.ModuleList(nn.Conv2d(width, hidden, 1) for width in (c.half, c.quarter, c.eighth))
        self.join = nn.Linear(3 * hidden, hidden)
        self.logit = nn.Linear(hidden, 1)

    def forward(self, features: Features) -> Tensor:
        scales = (features.half, features.quarter, features.eighth)
        means = [
            F.relu(squeeze(scale)).mean((2, 3)) for squeeze, scale in zip(self.squeeze, scales, strict=True)
        ]
        logit: Tensor = self.logit(F.relu(self.join(torch.cat(means, 1))))
        return logit[:, 0].float()


class PictureHead(nn.Module):
    """What to add to a packed picture (N, 6, h, w) to restore it."""

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.to_quarter = nn.Conv2d(c.eighth, c.quarter, 1)
        self.coarse = ResidualBlock(c.quarter)
        self.to_half = nn.Conv2d(c.quarter, c.half, 1)
        self.fine = ResidualBlock(c.half)
        self.picture = nn.Conv2d(c.half, 6, 3, padding=1)
        with torch.no_grad():
            self.picture.weight.mul_(0.1)

    def forward(self, features: Features) -> Tensor:
        assert features.quarter is not None and features.half is not None  # Whole frames keep them.
        x = F.interpolate(self.to_quarter(F.relu(features.eighth)), scale_factor=2.0) + features.quarter
        x = F.interpolate(self.to_half(F.relu(self.coarse(x))), scale_factor=2.0) + features.half
        change: Tensor = self.picture(F.relu(self.fine(x)))
        return change.float()
