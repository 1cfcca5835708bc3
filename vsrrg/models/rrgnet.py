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

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.profiler import record_function

from vsrrg.models.alignment import Pyramid, estimate_motion, warp, warp_phases
from vsrrg.models.any_size import for_any_size
from vsrrg.models.bands import Band, bands, in_bands
from vsrrg.models.config import RRGNetConfig
from vsrrg.models.decoder import Decoder, GroupFusion
from vsrrg.models.encoder import Features, FrameEncoder
from vsrrg.models.layers import gate_, gated
from vsrrg.models.memory import Memory, least_memory, rows_within
from vsrrg.models.picture import PictureNet

__all__ = ["Features", "FrameEncoder", "RRGNet", "RRGNetConfig"]


_CACHED_ROWS = 128
"""Of bands on a CPU, where memory asks for none: at 1920x1080 a tenth faster than whole frames."""


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
        self.memory: Memory | None = None
        """What encoded frames and the work on them may take; None: what it takes to be fast."""

    def encode(self, packed: Tensor) -> Features:
        """Encode packed frames (N, 6, h, w), float32; h and w are multiples of 4."""
        rows = self._rows(packed)
        return self.encoder(packed) if rows is None else self.encoder.in_bands(packed, rows)

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (N, 6, h, w), float32 in packed units, of the middle one of 2r+1 encoded frames.

        Faint rain is none (`dead_zone`), and neither is any in a frame that hardly holds rain (`dry`). Where
        all encodings are the same object, there is but one picture, and what it looks like must do.
        """
        c = self.config
        whole = len(window) == 2 * c.radius + 1
        if self.picture and whole and all(features is window[0] for features in window):
            only: Features = window[0]
            rows = self._rows(only.chroma)
            if rows is None:
                rain, logit = self.picture(only.packed())
            else:
                rain, logit = self.picture.in_bands(only.packed, *only.size, rows)
            levels = c.picture_dry, c.picture_wet
        else:
            rows = self._rows(window[0].chroma)
            rain, logit = self.predict(window)
            levels = c.dry, c.wet
        return (gated if rows is None else gate_)(rain, logit, c.dead_zone, *levels)

    def predict(self, window: Sequence[Features]) -> tuple[Tensor, Tensor]:
        """The raw rain layer (N, 6, h, w) of a window, and the logit (N,) of there being rain: what is
        trained.
        """
        radius = self.config.radius
        if len(window) != 2 * radius + 1:
            raise ValueError(f"a window of {2 * radius + 1} frames is wanted, not of {len(window)}")
        centre = window[radius]
        sides = [window[radius + d * sign] for d in range(1, radius + 1) for sign in (-1, 1)]
        rows = self._rows(centre.chroma)
        with record_function("vsrrg.fuse"):
            flows = _motion(centre, sides, at_once=rows is None)
            fused = self._join(centre, sides, flows, rows)
        with record_function("vsrrg.decode"):
            climate = self.decoder.climate(fused)
            deep = self._deep(centre, fused, climate, rows)
            del fused
            return self._decode(centre, sides, flows, deep, climate, rows)

    def _join(
        self, centre: Features, sides: Sequence[Features], flows: Sequence[Tensor], rows: int | None
    ) -> Tensor:
        """Deep features of the centre, joined with those of its groups after alignment."""

        height, width = centre.chroma.shape[2:]

        def join(band: Band) -> Tensor:
            span = (band.first // 4, -(-band.last // 4))
            deep = [
                warp(side.eighth.float(), flow, 0.25, span).to(side.eighth.dtype)
                for side, flow in zip(sides, flows, strict=True)
            ]
            groups = list(zip(deep[::2], deep[1::2], strict=True))
            return self.fusion(band.needed(centre.eighth, 4), groups)  # type: ignore[no-any-return]

        return in_bands(join, bands(height, width, rows, 4), 4)

    def _deep(self, centre: Features, fused: Tensor, climate: Sequence[Tensor], rows: int | None) -> Tensor:
        """Features (N, half, h/2, w/2) from the joined ones and the centre's own."""
        encoder, decoder, (height, width) = self.encoder, self.decoder, centre.chroma.shape[2:]
        return in_bands(
            lambda band: decoder.deep(band.needed(fused, 4), encoder.quarter_of(band, centre), climate),
            bands(height, width, rows, decoder.deep_halo),
            2,
        )

    def _decode(
        self,
        centre: Features,
        sides: Sequence[Features],
        flows: Sequence[Tensor],
        deep: Tensor,
        climate: Sequence[Tensor],
        rows: int | None,
    ) -> tuple[Tensor, Tensor]:
        """The rain layer and the logit from the deep features, and from luma that is fetched again."""
        encoder, decoder, (height, width) = self.encoder, self.decoder, centre.chroma.shape[2:]
        cells = []

        def layer(band: Band) -> Tensor:
            statistics = _statistics(centre, sides, flows, band, deep.dtype)
            half = encoder.half_of(band, centre)
            both = decoder.shallow(band.needed(deep, 2), half, statistics, climate)
            if decoder.presence:
                cells.append(decoder.presence.cells(*(band.yielded(x) for x in both)))
            return both[1]

        # The largest tensors are here: on CPUs bands are faster, because they leave the caches less.
        rows = rows or (_CACHED_ROWS if deep.device.type == "cpu" and not for_any_size() else None)
        rain = in_bands(layer, bands(height, width, rows, 1 + decoder.shallow_halo))
        if decoder.presence is None:
            return rain, rain.new_full((rain.shape[0],), 9.0)
        return rain, decoder.presence(torch.cat(cells, 2))

    @staticmethod
    def beside(features: Features) -> Features:
        """What `fuse` reads of a frame that is not the middle of a window; see `DerainModel`."""
        return features._replace(chroma=features.chroma[:, :0], quarter=None, half=None)

    def least_memory(self, height: int, width: int, *, frames: int, at_once: int = 1) -> int:
        """Bytes without which frames (6, h, w) cannot be worked on; see `Memory`."""
        itemsize = self.encoder.stem.weight.itemsize
        return least_memory(self.config, itemsize, height, width, frames=frames, at_once=at_once)

    def stays_whole(self, height: int, width: int) -> bool:
        """Whether `memory` is enough for frames (6, h, w) without bands."""
        return self._rows_of(height, width) is None

    def _rows(self, frame: Tensor) -> int | None:
        """Rows of the bands that a frame (N, C, h, w) must be cut into."""
        return self._rows_of(*frame.shape[2:])

    def _rows_of(self, height: int, width: int) -> int | None:
        memory = self.memory
        if memory is None:
            return None
        return rows_within(memory, self.config, self.encoder.stem.weight.itemsize, height, width)

    def forward(self, window: Tensor) -> Tensor:
        """Rain layer (N, 6, h, w) from a window (N, 2r+1, 6, h, w): equals `fuse` of its encoded frames."""
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])

    def predict_clip(self, features: Features, batch: int) -> tuple[Tensor, Tensor]:
        """What `predict` says of every frame that has a whole window, in the encoded frames of `batch` clips,
        clip after clip: layers (batch, T-2r, 6, h, w) and logits (batch, T-2r).
        """
        frames = len(features.chroma) // batch
        width = 2 * self.config.radius + 1
        centres = frames - width + 1

        def shifted(values: Tensor, k: int) -> Tensor:
            return values.reshape(batch, frames, *values.shape[1:])[:, k : k + centres].flatten(0, 1)

        rain, logit = self.predict(
            [
                Features(
                    Pyramid(*(shifted(level, k) for level in features.luma)),
                    shifted(features.chroma, k),
                    shifted(features.eighth, k),
                    *(None if level is None else shifted(level, k) for level in features[3:]),
                )
                for k in range(width)
            ]
        )
        return rain.reshape(batch, centres, *rain.shape[1:]), logit.reshape(batch, centres)


def _motion(centre: Features, sides: Sequence[Features], *, at_once: bool) -> Sequence[Tensor]:
    """The flow from the centre to each of its neighbours."""
    with torch.no_grad():
        if not at_once:
            return [estimate_motion(centre.luma, side.luma) for side in sides]
        levels = zip(*(side.luma[1:] for side in sides), strict=True)
        others = Pyramid(centre.luma.full, *(torch.cat(level) for level in levels))
        flows = estimate_motion(centre.luma, others)
        return flows.view(len(sides), -1, *flows.shape[1:]).unbind()


def _statistics(
    centre: Features, sides: Sequence[Features], flows: Sequence[Tensor], band: Band, dtype: torch.dtype
) -> Tensor:
    """The order statistics of every group, of the rows that a band needs: (N, 12 r, rows, w)."""
    span = (band.first, band.last)
    own = F.pixel_unshuffle(centre.luma.full[:, :, 2 * band.first : 2 * band.last], 2).float()
    luma = [warp_phases(side.luma.full, flow, span) for side, flow in zip(sides, flows, strict=True)]
    pairs = zip(luma[::2], luma[1::2], strict=True)
    return torch.cat([above.to(dtype) for pair in pairs for above in _order(own, *pair)], 1)


def _order(x: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """How far the luma x of the centre lies above the minimum, the median and the maximum of its group, each
    (N, 4, h, w).

    Rain lifts the centre alone; where alignment fails, the neighbours lie on both sides of it.
    """
    low, high = torch.minimum(before, after), torch.maximum(before, after)
    median = torch.maximum(low, torch.minimum(x, high))
    return x - torch.minimum(x, low), x - median, x - torch.maximum(x, high)
