"""The parts of a network that become graphs: to encode a frame, to fuse a window, and to fuse one that shows
a single picture.

torch traces a part with symbols for the batch, the rows and the columns. A part takes one tensor, the grid
(N, rows, columns), whose sizes are these symbols, and makes its inputs from it with an operation that stands
for them: so torch knows from the start how the sizes of all inputs belong together. `tracing.py` turns what
this operation gives into the inputs of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from vsrrg.models.base import DerainModel, Features
from vsrrg_onnx.layout import GRIDS, Layout, Leaf, named_leaves, of_frame, packed

type Run = Callable[[Iterator[Tensor]], tuple[Tensor, ...]]
"""Makes outputs of inputs."""


@torch.library.custom_op("vsrrg_onnx::given", mutates_args=())
def given(grid: Tensor, index: int, channels: int, down: int, across: int, dtype: torch.dtype) -> Tensor:
    """Stands for input `index` of a part; never computed."""
    raise NotImplementedError


@given.register_fake
def _(grid: Tensor, index: int, channels: int, down: int, across: int, dtype: torch.dtype) -> Tensor:
    batch, rows, columns = grid.shape
    return grid.new_empty((batch, channels, down * rows, across * columns), dtype=dtype)


class Part(nn.Module):
    """A part of a network, with what goes in and comes out."""

    def __init__(
        self, name: str, network: DerainModel, run: Run, inputs: Sequence[Leaf], outputs: Sequence[Leaf]
    ) -> None:
        """Take what the part does; the weights that it uses are the network's."""
        super().__init__()
        self.name = name
        self.network: Any = network
        self.run = run
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)

    def forward(self, grid: Tensor) -> tuple[Tensor, ...]:
        """The outputs for inputs of the grid's size."""
        return self.run(
            given(grid, i, leaf.channels, leaf.down, leaf.across, leaf.dtype)
            for i, leaf in enumerate(self.inputs)
        )


def parts_of(network: DerainModel, layout: Layout, *, radius: int, multiple: int) -> list[Part]:
    """The parts of a network: "encode", "fuse", and "still" if a window of one picture is fused otherwise."""
    count = 2 * radius + 1

    def encode(tensors: Iterator[Tensor]) -> tuple[Tensor, ...]:
        return tuple(tensor for _, tensor in named_leaves(network.encode(next(tensors))))

    def fuse(tensors: Iterator[Tensor]) -> tuple[Tensor, ...]:
        return (network.fuse([layout.nest(tensors) for _ in range(count)]).float(),)

    def still(tensors: Iterator[Tensor]) -> tuple[Tensor, ...]:
        return (network.fuse([layout.nest(tensors)] * count).float(),)

    window = [leaf.named(of_frame(i, leaf.name)) for i in range(count) for leaf in layout.leaves]
    rain = [packed("rain", multiple)]
    parts = [
        Part("encode", network, encode, [packed("frame", multiple)], layout.leaves),
        Part("fuse", network, fuse, window, rain),
    ]
    if _knows_stills(network, layout, packed("frame", multiple), count):
        parts.append(Part("still", network, still, layout.leaves, rain))
    return parts


def _knows_stills(network: DerainModel, layout: Layout, frame: Leaf, count: int) -> bool:
    """Whether `fuse` does other operations where frames are one object than where they only are equal."""
    with torch.no_grad():
        features = network.encode(torch.zeros(frame.shape(1, *GRIDS[0])))
        copies = [layout.nest(x.clone() for _, x in named_leaves(features)) for _ in range(count)]
        return _operations(network, [features] * count) != _operations(network, copies)


def _operations(network: DerainModel, window: Sequence[Features]) -> list[str]:
    names: list[str] = []
    with _Recorder(names):
        network.fuse(window)
    return names


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Appends the names of torch's operations to a list."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names = names

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))
