"""How clips are derained in tests: through the engine, as streams and frame by frame, in any session."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

from vsrrg.backends.base import Session
from vsrrg.models import ModelDescriptor, Precision
from vsrrg.video import Frame

if TYPE_CHECKING:
    from vsrrg.engine import Derainer

THREADS = 4


def streamed(derainer: Derainer, clip: Sequence[Frame]) -> list[Frame]:
    """The clip as a stream."""
    return list(derainer.stream(clip))


def scattered(derainer: Derainer, clip: Sequence[Frame], *, threads: int = 1) -> list[Frame]:
    """The clip's frames, asked for by number in no order, by several threads at once."""
    order = random.Random(1).sample(range(len(clip)), len(clip))
    with ThreadPoolExecutor(threads) as pool:
        frames = pool.map(lambda n: derainer.frame(n, clip.__getitem__, len(clip)), order)
        found = dict(zip(order, frames, strict=True))
    return [found[n] for n in range(len(clip))]


@cache
def model_named(name: str) -> ModelDescriptor:
    """The model of this name, the same object each time."""
    from vsrrg.hooks.resolve import find_model

    return find_model(name)


@cache
def opened(backend: Any, model: ModelDescriptor, device: str, precision: Precision) -> Session:
    """A session of a `Backend` that tests share, for opening may take long."""
    session: Session = backend.open(model, device=device, precision=precision)
    return session


@cache
def reference(model: ModelDescriptor) -> Session:
    """The measure: the model as torch runs it, in fp32 on the CPU."""
    from vsrrg.backends.torch_backend import TorchBackend

    return TorchBackend().open(model, device="cpu", precision="fp32")
