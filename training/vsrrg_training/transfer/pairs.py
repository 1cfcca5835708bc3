"""The clips of fine-tuning: a few synthetic pairs, again and again, and rainy video between them."""

from __future__ import annotations

from torch.utils.data import Dataset

from vsrrg_training.data.dataset import Clip, draws


class Pairs(Dataset[Clip]):
    """The first `count` pairs in turn; a share of the items, drawn by their number, are weak clips."""

    def __init__(
        self,
        clips: Dataset[Clip],
        count: int,
        seed: int,
        *,
        weak: Dataset[Clip] | None = None,
        share: float = 0.0,
    ) -> None:
        self.clips, self.count, self.seed = clips, count, seed
        self.weak, self.share = weak, share

    def __getitem__(self, index: int) -> Clip:
        if self.weak is not None and draws(f"{self.seed}:which:{index}")[0].random() < self.share:
            return self.weak[index]
        return self.clips[index % self.count]
