"""What the features of a frame look like: which tensors they hold, and how these grow with the frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vsrrg.models.base import DerainModel, Features

FEATURES = "features"
GRIDS = ((16, 24), (18, 20))
"""Rows and columns of two frames, in units of the model's `multiple`: what differs grows with the frame."""


@dataclass(frozen=True)
class Leaf:
    """A tensor that goes into a graph or comes out of it: (N, channels, down * rows, across * columns), for a
    grid of so many rows and columns. A packed frame is `multiple` times as large as the grid.
    """

    name: str
    channels: int
    down: int
    across: int
    dtype: torch.dtype = torch.float32

    def shape(self, batch: int, rows: int, columns: int) -> tuple[int, int, int, int]:
        """Its shape for so many frames."""
        return batch, self.channels, self.down * rows, self.across * columns

    def named(self, name: str) -> Leaf:
        """The same under another name."""
        return Leaf(name, self.channels, self.down, self.across, self.dtype)


@dataclass(frozen=True)
class Layout:
    """The features of a frame: tensors, tuples and lists of them, or None."""

    leaves: tuple[Leaf, ...]
    example: Features

    def nest(self, tensors: Iterator[Tensor]) -> Features:
        """Features with these tensors as their leaves, in order."""
        return _nest(self.example, tensors)


def packed(name: str, multiple: int) -> Leaf:
    """A packed frame, or a rain layer."""
    return Leaf(name, 6, multiple, multiple)


def layout_of(network: DerainModel, multiple: int) -> Layout:
    """The layout of what the network encodes.

    Raises:
        ValueError: features hold anything else, or their sizes are no multiples of the grid's.
    """
    frame = packed("frame", multiple)
    with torch.no_grad():
        features, others = (network.encode(torch.zeros(frame.shape(1, *grid))) for grid in GRIDS)
    leaves = []
    for (name, tensor), (_, other) in zip(named_leaves(features), named_leaves(others), strict=True):
        if tensor.ndim != 4:
            raise ValueError(f"its {name} have {tensor.ndim} dimensions instead of 4")
        (rows, columns), (_, channels, height, width) = GRIDS[0], tensor.shape
        leaf = Leaf(name, channels, height // rows, width // columns, tensor.dtype)
        if any(x.shape != leaf.shape(1, *grid) for x, grid in zip((tensor, other), GRIDS, strict=True)):
            raise ValueError(f"the size of its {name} is no multiple of the frame's")
        leaves.append(leaf)
    return Layout(tuple(leaves), features)


def named_leaves(features: Features) -> Iterator[tuple[str, Tensor]]:
    """The tensors of features by their place, such as "features.luma.full" or "features.2"; a tensor alone is
    "features".
    """
    return _walk(features, FEATURES)


def of_frame(place: int, name: str) -> str:
    """What a feature is called that belongs to the frame at a place of the window, 0 to 2 * radius."""
    return FEATURES + str(place) + name.removeprefix(FEATURES)


def _walk(features: Any, name: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(features, Tensor):
        yield name, features
    elif isinstance(features, list | tuple):
        fields = getattr(features, "_fields", range(len(features)))
        for field, item in zip(fields, features, strict=True):
            yield from _walk(item, f"{name}.{field}")
    elif features is not None:
        raise ValueError(f"its {name} hold a {type(features).__name__}, not only tensors, tuples and lists")


def _nest(example: Any, tensors: Iterator[Tensor]) -> Any:
    if isinstance(example, list | tuple):
        items = [_nest(item, tensors) for item in example]
        return type(example)(*items) if hasattr(example, "_fields") else type(example)(items)
    return None if example is None else next(tensors)
