"""Rain in a single picture: a photograph, a shot of one frame, a picture that is held.

Nothing tells rain there but what it looks like, so this network sees the packed frame alone, far around
each pixel. Video does not pay for it: it runs only where a window shows nothing but one picture.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.layers import ResidualBlock, blocks

_LEAK = 0.1


class PictureNet(nn.Module):
    """An encoder-decoder over four scales with 1, 2, 3 and 3 times `width` channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half, quarter, deep = width, 2 * width, 3 * width
        self.stem = nn.Conv2d(6, half, 3, padding=1)
        self.half_block = ResidualBlock(half)
        self.to_quarter = nn.Conv2d(half, quarter, 3, stride=2, padding=1)
        self.quarter_block = ResidualBlock(quarter)
        self.to_eighth = nn.Conv2d(quarter, deep, 3, stride=2, padding=1)
        self.eighth_block = ResidualBlock(deep)
        self.to_sixteenth = nn.Conv2d(deep, deep, 3, stride=2, padding=1)
        self.sixteenth_block = ResidualBlock(deep)
        self.climate = nn.Linear(deep, 2 * deep)
        self.eighth_up = ResidualBlock(deep)
        self.quarter_up = nn.Conv2d(deep, quarter, 1)
        self.quarter_again = ResidualBlock(quarter)
        self.half_up = nn.Conv2d(quarter, half, 1)
        self.refine = blocks(half, 2, _LEAK)
        self.rain = nn.Conv2d(half, 6, 3, padding=1)
        self.recognise = nn.Linear(deep, 32)
        self.presence = nn.Linear(32, 1)
        with torch.no_grad():
            self.rain.weight.mul_(0.1)
        nn.init.zeros_(self.climate.weight)
        nn.init.zeros_(self.climate.bias)

    def forward(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """The raw rain layer (N, 6, h, w) of packed pictures (N, 6, h, w), and the logit (N,) of there being
        rain; h and w are multiples of 4.
        """
        x = packed.to(self.stem.weight.dtype, memory_format=torch.channels_last)
        half = self.half_block(F.relu(self.stem(x)))
        quarter = self.quarter_block(F.relu(self.to_quarter(F.relu(half))))
        eighth = self.eighth_block(F.relu(self.to_eighth(F.relu(quarter))))
        x = self.sixteenth_block(F.relu(self.to_sixteenth(F.relu(eighth))))
        mean = F.relu(x).float().mean((2, 3)).to(x.dtype)
        logit = self.presence(F.relu(self.recognise(mean)))[:, 0]
        gain, offset = self.climate(mean)[:, :, None, None].chunk(2, 1)
        x = torch.addcmul(x + offset, x, gain)
        x = self.eighth_up(F.interpolate(x, size=eighth.shape[-2:]) + eighth)
        x = self.quarter_again(F.interpolate(self.quarter_up(F.relu(x)), scale_factor=2.0) + quarter)
        x = F.interpolate(self.half_up(F.relu(x)), scale_factor=2.0) + half
        x = F.leaky_relu(self.refine(F.leaky_relu(x, _LEAK)), _LEAK)
        return self.rain(x).float(), logit.float()
