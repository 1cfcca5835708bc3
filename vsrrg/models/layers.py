"""Parts that the networks have in common."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))), where the rectifier leaks by `slope`."""

    def __init__(self, channels: int, slope: float = 0.0) -> None:
        super().__init__()
        self.slope = slope
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        with torch.no_grad():
            self.second.weight.mul_(0.2)

    def forward(self, x: Tensor) -> Tensor:
        correction: Tensor = self.second(F.leaky_relu(self.first(x), self.slope, inplace=True))
        return x + correction


def blocks(channels: int, count: int, slope: float = 0.0) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels, slope) for _ in range(count)))


class Presence(nn.Module):
    """How likely it is that a frame holds rain at all.

    Rain falls all over a frame, and what is mistaken for rain lies in places: cells of 32x32 luma pixels
    vote, from the logarithms of what the decoder sees and says there. It only listens: no gradient
    reaches the decoder.
    """

    cell = 16

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels + 6, 32, 1)
        self.second = nn.Conv2d(32, 32, 1)
        self.vote = nn.Linear(32, 1)

    def forward(self, seen: Tensor, rain: Tensor) -> Tensor:
        """Logit (N,) from the last features (N, channels, h, w) and the layer (N, 6, h, w)."""
        seen, rain = seen.detach().float().relu(), rain.detach().float().abs()
        cells = [F.avg_pool2d(values, self.cell, ceil_mode=True) for values in (seen, rain)]
        x = torch.log(torch.cat(cells, 1) + 1e-3).to(self.first.weight.dtype)
        x = F.relu(self.second(F.relu(self.first(x)))).float().mean((2, 3))
        logit: Tensor = self.vote(x.to(self.vote.weight.dtype))[:, 0]
        return logit.float()


def gated(rain: Tensor, logit: Tensor, dead_zone: float, dry: float, wet: float) -> Tensor:
    """A rain layer (N, 6, h, w) without what is faint, and without any in frames that hardly hold rain.

    Below `dead_zone` there is none, from twice that on it is whole; so it is with the probability of rain,
    whose logit is (N,), at `dry` and at `wet`.
    """
    rain = rain * (rain.abs() / dead_zone - 1).clamp(0, 1)
    certain = ((torch.sigmoid(logit) - dry) / (wet - dry)).clamp(0, 1)
    return rain * certain.view(-1, 1, 1, 1)
