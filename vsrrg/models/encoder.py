"""The frame encoder: what is done once for every frame."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.models.alignment import Pyramid, pyramid
from vsrrg.models.bands import Band, bands, in_bands
from vsrrg.models.config import RRGNetConfig
from vsrrg.models.layers import blocks


class Features(NamedTuple):
    """One frame (or a batch of N) as the encoder leaves it."""

    luma: Pyramid
    """Its luma at several sizes: what alignment compares and moves."""
    chroma: Tensor
    """(N, 2, h, w), float32 or, where memory is short, a half."""
    eighth: Tensor
    """(N, eighth, h/4, w/4)."""
    quarter: Tensor | None
    """(N, quarter, h/2, w/2); None where memory is short, and the decoder computes it anew."""
    half: Tensor | None
    """(N, half, h, w); None where memory is short."""

    @property
    def size(self) -> tuple[int, int]:
        """h and w."""
        return self.chroma.shape[2], self.chroma.shape[3]

    def packed(self, band: Band | None = None) -> Tensor:
        """The frame itself, or what a band needs of it: (N, 6, h, w) float32."""
        luma, chroma = self.luma.full, self.chroma
        if band is not None:
            luma, chroma = luma[:, :, 2 * band.first : 2 * band.last], band.needed(chroma)
        return torch.cat((F.pixel_unshuffle(luma, 2), chroma), 1).float()


class FrameEncoder(nn.Module):
    """One packed frame to features at three scales."""

    def __init__(self, c: RRGNetConfig) -> None:
        super().__init__()
        self.stem = nn.Conv2d(6, c.half, 3, padding=1)
        self.to_quarter = nn.Conv2d(c.half, c.quarter, 3, stride=2, padding=1)
        self.quarter = blocks(c.quarter, c.quarter_blocks)
        self.to_eighth = nn.Conv2d(c.quarter, c.eighth, 3, stride=2, padding=1)
        self.eighth = blocks(c.eighth, c.eighth_blocks)
        self.quarter_halo = 2 + 4 * c.quarter_blocks
        """Rows of the packed frame around a band that `middle(shallow(...))` sees."""
        self.eighth_halo = 2 + 8 * c.eighth_blocks
        """Rows of the packed frame around a band that `deep` sees."""

    def forward(self, packed: Tensor) -> Features:
        """Encode packed frames (N, 6, h, w) whole."""
        half = self.shallow(packed)
        quarter = self.middle(half)
        # A view of the chroma would keep the whole packed frame.
        chroma = packed[:, 4:].to(torch.float32, copy=True)
        return Features(pyramid(packed), chroma, self.deep(quarter), quarter, half)

    def in_bands(self, packed: Tensor, rows: int) -> Features:
        """Encode packed frames in bands, and keep what takes little room."""
        eighth = self._deep(self._middle(packed, rows), rows)
        # A quarter of a code value of 10 bits is lost, and nothing where the network computes in float32.
        kept = torch.float32 if eighth.dtype == torch.float32 else torch.float16
        return Features(pyramid(packed, kept), packed[:, 4:].to(kept, copy=True), eighth, None, None)

    def _middle(self, packed: Tensor, rows: int) -> Tensor:
        return in_bands(
            lambda band: self.middle(self.shallow(band.needed(packed))),
            bands(packed.shape[2], packed.shape[3], rows, self.quarter_halo),
            2,
        )

    def _deep(self, quarter: Tensor, rows: int) -> Tensor:
        height, width = 2 * quarter.shape[2], 2 * quarter.shape[3]
        return in_bands(
            lambda band: self.deep(band.needed(quarter, 2)), bands(height, width, rows, self.eighth_halo), 4
        )

    def shallow(self, packed: Tensor) -> Tensor:
        """Features at (h, w)."""
        return F.relu_(self.stem(packed.to(self.stem.weight.dtype, memory_format=torch.channels_last)))

    def middle(self, half: Tensor) -> Tensor:
        """Features at (h/2, w/2)."""
        quarter: Tensor = self.quarter(F.relu_(self.to_quarter(half)))
        return quarter

    def deep(self, quarter: Tensor) -> Tensor:
        """Features at (h/4, w/4)."""
        eighth: Tensor = self.eighth(F.relu_(self.to_eighth(F.relu(quarter))))
        return eighth

    def quarter_of(self, band: Band, centre: Features) -> Tensor:
        """Features at (h/2, w/2) that a band needs: the kept ones, or new ones."""
        if centre.quarter is not None:
            return band.needed(centre.quarter, 2)
        around = band.widened(self.quarter_halo, centre.chroma.shape[2])
        return around.yielded(self.middle(self.shallow(centre.packed(around))), 2)

    def half_of(self, band: Band, centre: Features) -> Tensor:
        """Features at (h, w) that a band needs, but the outermost row on either side: the kept ones, or new
        ones.
        """
        return self.shallow(centre.packed(band)) if centre.half is None else band.needed(centre.half)
