"""New rain mixed with old rain from memory."""

from pathlib import Path

from torch.utils.data import Dataset

from vsrrg_training.continual.memory import ReviewMemory
from vsrrg_training.data.dataset import Clip, ClipDataset, draws
from vsrrg_training.rain import RAIN_TYPES, draw_layer, let_fall


class ReviewDataset(Dataset[Clip]):
    """Clips of the new task; a `share` of them has old rain from `memory` instead, on clean clips that the
    rain has never met.
    """

    def __init__(self, new: ClipDataset, memory: ReviewMemory, share: float) -> None:
        self.new = new
        self.memory = memory
        self.share = share

    @property
    def sources(self) -> list[Path]:
        return self.new.sources

    def __getitem__(self, index: int) -> Clip:
        random, generator = draws(f"review:{self.new.seed}:{index}")
        if random.random() >= self.share:
            return self.new[index]
        clean = self.new.clean(random)
        kind, layer = self.memory.draw(random)
        pair = let_fall(layer, clean, kind, generator)
        return self.new.finish(pair.rainy, pair.clean, RAIN_TYPES.index(kind), random, generator, review=True)


def remember(memory: ReviewMemory, kind: str, data: ClipDataset, count: int) -> None:
    """Draw `count` layers of a task's rain, on its own clips, and keep the best."""
    layers = []
    for index in range(count):
        random, generator = draws(f"remember:{data.seed}:{index}")
        layers.append(draw_layer(data.clean(random), kind, generator))
    memory.learn(kind, layers)
