"""Rainy video as its own teacher: where its neighbours agree, a frame without them is rain."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from vsrrg_training.config import RecipeError
from vsrrg_training.data.consensus import NEIGHBOURS, consensus
from vsrrg_training.data.dataset import NO_RAIN, Clip, draws
from vsrrg_training.data.footage import Video
from vsrrg_training.data.yuv import pack_rgb
from vsrrg_training.transfer.config import WeakConfig

CODE = 1 / 219
"""One 8-bit code of limited-range luma in packed units."""


def weak_pair(packed: Tensor, config: WeakConfig) -> tuple[Tensor, Tensor]:
    """A rainy clip (T, 6, h, w) and its rain layer, as far as its neighbours can tell.

    Where neighbours disagree both pictures become the consensus, so that nothing is asked there. Rain is an
    excess of luma over the consensus of more than `config.visible` codes, with its flanks down to one code;
    fainter differences are the camera's noise, and stay.
    """
    agreed = consensus(packed)
    known = agreed.spread < config.agreement * CODE
    excess = (packed[:, :4] - agreed.background[:, :4]) * known
    strong = F.pixel_shuffle((excess > config.visible * CODE).float(), 2)
    flank = F.pixel_unshuffle(F.max_pool2d(strong, 3, stride=1, padding=1), 2) > 0
    luma = torch.where(flank & (excess > CODE), excess, 0.0)
    cell = known.all(1, keepdim=True)
    # A streak hardly has colour of its own, and a cell of chroma holds four pixels: few of them are rain.
    chroma = torch.where(
        cell & (luma > 0).any(1, keepdim=True), packed[:, 4:] - agreed.background[:, 4:], 0.0
    )
    shown = torch.cat((known, cell.expand(-1, 2, -1, -1)), 1)
    return torch.where(shown, packed, agreed.background), torch.cat((luma, chroma), 1)


class WeakClips(Dataset[Clip]):
    """Endless clips of real rain; item i depends on (seed, i) alone."""

    def __init__(
        self, videos: list[Video], learn: float, config: WeakConfig, seed: int, *, crop: int, frames: int
    ) -> None:
        self.seed, self.crop, self.frames = seed, crop // 2, frames
        self.pairs = []
        for video in videos:
            count = round(learn * len(video.frames))
            height, width = (size // 8 * 8 for size in video.frames.shape[1:3])
            if count >= max(frames, NEIGHBOURS + 1) and min(height, width) >= crop:
                rgb = torch.from_numpy(video.frames[:count, :height, :width].copy())
                self.pairs.append(weak_pair(pack_rgb(rgb.permute(0, 3, 1, 2).float() / 255), config))
        if not self.pairs:
            raise RecipeError(
                "training-unfit-footage",
                f"no rainy video is long and large enough for weak supervision ({max(frames, 5)} frames of "
                f"{crop} px to learn from): set real.rainy_videos to longer ones, or weak.share to 0",
            )

    def __getitem__(self, index: int) -> Clip:
        random, _ = draws(f"{self.seed}:weak:{index}")
        packed, rain = random.choice(self.pairs)
        start = random.randrange(len(packed) - self.frames + 1)
        top, left = (random.randrange(size - self.crop + 1) for size in packed.shape[-2:])
        here = (
            slice(start, start + self.frames),
            slice(None),
            slice(top, top + self.crop),
            slice(left, left + self.crop),
        )
        rain = rain[here]
        # Whatever its type, it is rain.
        kind = torch.tensor(0 if bool((rain[:, :4] > 0).any()) else NO_RAIN)
        return Clip(packed[here].clone(), rain.clone(), kind, torch.tensor(False))
