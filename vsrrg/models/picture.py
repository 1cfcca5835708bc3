"""Rain in a single picture: a photograph, a shot of one frame, a picture that is held.

Nothing tells rain there but what it looks like, so this network sees the packed frame alone, far around
each pixel. Video does not pay for it: it runs only where a window shows nothing but one picture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.bands import Band, bands, in_bands
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

        self.down_halo = 20
        """Rows of the packed picture around a band that `_down` sees, and more."""
        self.up_halo = 20
        """Rows around a band that `_up` sees, and more."""

    def forward(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """The raw rain layer (N, 6, h, w) of packed pictures (N, 6, h, w), and the logit (N,) of there being
        rain; h and w are multiples of 4.
        """
        levels = self._down(packed)
        below, logit = self._bottom(levels[-1])
        return self._up(below, *levels), logit

    def in_bands(
        self, needed: Callable[[Band], Tensor], height: int, width: int, rows: int
    ) -> tuple[Tensor, Tensor]:
        """The same in bands of `rows`; `needed` gives what a band needs of the packed pictures."""
        eighth = in_bands(
            lambda band: self._down(needed(band))[-1], bands(height, width, rows, self.down_halo), 4
        )
        below, logit = self._bottom(eighth)

        def layer(band: Band) -> Tensor:
            around = band.widened(self.down_halo, height)
            half, quarter, _ = self._down(needed(around))
            half, quarter = around.yielded(half), around.yielded(quarter, 2)
            return self._up(band.needed(below, 4), half, quarter, band.needed(eighth, 4))

        return in_bands(layer, bands(height, width, rows, self.up_halo)), logit

    def _down(self, packed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features at (h, w), (h/2, w/2) and (h/4, w/4)."""
        x = packed.to(self.stem.weight.dtype, memory_format=torch.channels_last)
        half = self.half_block(F.relu(self.stem(x)))
        quarter = self.quarter_block(F.relu(self.to_quarter(F.relu(half))))
        return half, quarter, self.eighth_block(F.relu(self.to_eighth(F.relu(quarter))))

    def _bottom(self, eighth: Tensor) -> tuple[Tensor, Tensor]:
        """What the whole picture says, at the size of `eighth`, and the logit."""
        x = self.sixteenth_block(F.relu(self.to_sixteenth(F.relu(eighth))))
        mean = F.relu(x).float().mean((2, 3)).to(x.dtype)
        logit = self.presence(F.relu(self.recognise(mean)))[:, 0]
        gain, offset = self.climate(mean)[:, :, None, None].chunk(2, 1)
        x = torch.addcmul(x + offset, x, gain)
        return F.interpolate(x, size=eighth.shape[-2:]), logit.float()

    def _up(self, below: Tensor, half: Tensor, quarter: Tensor, eighth: Tensor) -> Tensor:
        """The layer."""
        x = self.eighth_up(below + eighth)
        x = self.quarter_again(F.interpolate(self.quarter_up(F.relu(x)), scale_factor=2.0) + quarter)
        x = F.interpolate(self.half_up(F.relu(x)), scale_factor=2.0) + half
        x = F.leaky_relu(self.refine(F.leaky_relu(x, _LEAK)), _LEAK)
        rain: Tensor = self.rain(x).float()
        return rain
