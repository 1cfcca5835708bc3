"""Parts that the networks have in common."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.any_size import for_any_size

_GATED_ROWS = 256


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
        correction: Tensor = self.second(F.leaky_relu_(self.first(x), self.slope))
        return correction.add_(x)


def blocks(channels: int, count: int, slope: float = 0.0) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels, slope) for _ in range(count)))


def pointwise(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """What a 1x1 convolution gives, as a matrix product. Those of many channels, or to one, are shared out
    among threads in a way that shows in the last bits.
    """
    if for_any_size():
        return conv(x)  # type: ignore[no-any-return]
    return F.linear(x.permute(0, 2, 3, 1), conv.weight.flatten(1), conv.bias).permute(0, 3, 1, 2)


def gated(rain: Tensor, logit: Tensor, dead_zone: float, dry: float, wet: float) -> Tensor:
    """A rain layer (N, 6, h, w) without what is faint, and without any in frames that hardly hold rain.

    Below `dead_zone` there is none, from twice that on it is whole; so it is with the probability of rain,
    whose logit is (N,), at `dry` and at `wet`.
    """
    certain = ((torch.sigmoid(logit) - dry) / (wet - dry)).clamp(0, 1)
    share = rain.abs().div_(dead_zone).sub_(1).clamp_(0, 1)
    return share.mul_(rain).mul_(certain.view(-1, 1, 1, 1))


def gate_(rain: Tensor, logit: Tensor, dead_zone: float, dry: float, wet: float) -> Tensor:
    """`gated` in place, in bands of rows; for where no gradient is wanted."""
    for band in torch.split(rain, _GATED_ROWS, 2):
        band.copy_(gated(band, logit, dead_zone, dry, wet))
    return rain
