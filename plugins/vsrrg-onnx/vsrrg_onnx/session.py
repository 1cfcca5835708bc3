"""A model's graphs as a session of vsrrg's engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.profiler import record_function

from vsrrg.models import ModelDescriptor
from vsrrg_onnx.layout import Layout, Leaf, of_frame, packed
from vsrrg_onnx.runtime import Graph, Place

type Features = Mapping[str, Tensor]
"""Those of a frame, by name."""


class OnnxSession:
    """See `vsrrg.backends.base.Session`. Frames are worked on whole, whatever the budget; whether frames of a
    window are the same object matters only where all of them are.
    """

    def __init__(
        self,
        descriptor: ModelDescriptor,
        layout: Layout,
        parts: Mapping[str, bytes],
        place: Place,
        dtype: torch.dtype,
    ) -> None:
        """Open the parts of the model; raises OptionError where ONNX Runtime lacks the provider."""
        self.descriptor: ModelDescriptor = descriptor
        self.device: torch.device = place.device
        self.dtype: torch.dtype = dtype
        self._leaves = layout.leaves
        self._rain = packed("rain", descriptor.multiple)
        self._graphs = {name: Graph(content, place) for name, content in parts.items()}

    def encode(self, packed: Tensor) -> Features:
        """The features of packed frames (N, 6, h, w)."""
        with torch.inference_mode():
            frame = packed.to(device=self.device, dtype=torch.float32)
            grid = [size // self.descriptor.multiple for size in frame.shape[2:]]
            features = {leaf.name: self._room(leaf, len(frame), *grid) for leaf in self._leaves}
            self._graphs["encode"].run({"frame": frame}, features)
        return features

    def fuse(self, window: Sequence[Features]) -> Tensor:
        """Rain layer (N, 6, h, w), float32, of the middle one of 2r+1 encoded frames."""
        first, leaf = window[0], self._leaves[0]
        batch, _, height, width = first[leaf.name].shape
        with torch.inference_mode(), record_function("vsrrg.fuse"):
            rain = self._room(self._rain, batch, height // leaf.down, width // leaf.across)
            if "still" in self._graphs and all(features is first for features in window):
                self._graphs["still"].run(first, {"rain": rain})
            else:
                inputs = {of_frame(i, k): x for i, features in enumerate(window) for k, x in features.items()}
                self._graphs["fuse"].run(inputs, {"rain": rain})
        return rain

    def _room(self, leaf: Leaf, batch: int, rows: int, columns: int) -> Tensor:
        """Memory for what a graph makes."""
        return torch.empty(leaf.shape(batch, rows, columns), dtype=leaf.dtype, device=self.device)
