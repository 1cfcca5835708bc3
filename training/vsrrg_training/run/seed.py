"""Initial weights from a seed, without touching the caller's random numbers."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random numbers of torch follow `seed` inside."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield
