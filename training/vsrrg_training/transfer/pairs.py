"""The clips of fine-tuning: a few synthetic pairs, again and again, and rainy video between them."""

from __future__ import annotations

from torch import Tensor
from torch.utils.data import Dataset

from vsrrg_training.data.dataset import Clip, draws


class Pairs(Dataset[Clip]):
    """The first `count` pairs in turn; a share of the items, drawn by their number, are weak clips.

    With `still`, the first frame of a clip stands for all: rain then has nothing but its looks.
    """

    def __init__(
        self,
        clips: Dataset[Clip],
        count: int,
        seed: int,
        *,
        weak: Dataset[Clip] | None = None,
        share: float = 0.0,
        still: bool = False,
    ) -> None:
        self.clips, self.count, self.seed = clips, count, seed
        self.weak, self.share, self.still = weak, share, still

    def __getitem__(self, index: int) -> Clip:
        clip = self.clips[index % self.count]
        if self.weak is not None and draws(f"{self.seed}:which:{index}")[0].random() < self.share:
            clip = self.weak[index]
        if self.still:
            clip = clip._replace(packed=stopped(clip.packed), rain=stopped(clip.rain))
        return clip


def stopped(clip: Tensor) -> Tensor:
    """A clip (T, ...) of its first frame."""
    return clip[:1].repeat(len(clip), *(1 for _ in clip.shape[1:]))
