"""The rain review module: a bounded memory of rain layers, played back on fresh clean clips.

What is kept is rain, not video: the opacity of a layer in 8 bits, compressed, its type, and, where a
layer brings its own light, that light at an eighth of the size. When old rain is played back, it falls on
a clip that it has never met, in new light.

Selection: of the candidates of a task, the one next to their mean comes first, then again and again the one
farthest from all that were chosen (greedy k-centre, Gonzalez 1985) in the space of `describe`. Any first
part of that order covers the whole range, so when the next task needs room, layers are dropped from
its end. Types share the budget equally.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.rain import RainLayer

_LIGHT_SCALE = 8


@dataclass(frozen=True)
class StoredLayer:
    """One layer as it is kept."""

    kind: str
    """Its rain type."""
    shape: tuple[int, int, int]
    """(T, H, W)."""
    alpha: bytes
    """Opacity in 1/255, deflated."""
    light: Tensor | None = None
    """(T, 3, H/8, W/8) float16."""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.alpha) + (0 if self.light is None else self.light.numel() * 2)

    @classmethod
    def store(cls, kind: str, layer: RainLayer) -> StoredLayer:
        codes = (layer.alpha * 255).round().byte().cpu().numpy()
        light = layer.light
        if light is not None:
            light = F.avg_pool2d(light, _LIGHT_SCALE, ceil_mode=True).half()
        return cls(
            kind, (codes.shape[0], codes.shape[1], codes.shape[2]), zlib.compress(codes.tobytes()), light
        )

    def layer(self) -> RainLayer:
        codes = np.frombuffer(bytearray(zlib.decompress(self.alpha)), np.uint8).reshape(self.shape)
        alpha = torch.from_numpy(codes).float() / 255
        light = self.light
        if light is not None:
            light = F.interpolate(light.float(), size=self.shape[1:], mode="bilinear")
        return RainLayer(alpha, light)


@dataclass
class ReviewMemory:
    """Layers by type, in the order in which they were chosen."""

    budget: int
    """Bytes for all layers."""
    layers: dict[str, list[StoredLayer]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes in use, at most `budget`."""
        return sum(layer.size for layers in self.layers.values() for layer in layers)

    def learn(self, kind: str, candidates: Sequence[RainLayer]) -> None:
        """Keep the rain of a task, and make room for it among the old."""
        order = k_centre(torch.stack([describe(layer.alpha) for layer in candidates]))
        self.layers[kind] = [StoredLayer.store(kind, candidates[index]) for index in order]
        quota = self.budget // len(self.layers)
        for name, layers in self.layers.items():
            sizes = np.cumsum([layer.size for layer in layers])
            self.layers[name] = layers[: int(np.searchsorted(sizes, quota, side="right"))]
        empty = sorted(name for name, layers in self.layers.items() if not layers)
        if empty:
            raise RecipeError(
                "training-recipe",
                f"review.memory_mb leaves {quota / 1e6:.3f} MB for each of {len(self.layers)} types, too "
                f"little for one layer of {empty[0]!r}: raise it, or make clips smaller",
            )

    def draw(self, random: Random) -> tuple[str, RainLayer]:
        """Rain of any type alike, sometimes mirrored or played backwards."""
        kind = random.choice(sorted(self.layers))
        layer = random.choice(self.layers[kind]).layer()
        flips = [axis for axis in (0, 2) if random.random() < 0.5]
        alpha = torch.flip(layer.alpha, flips)
        light = layer.light
        if light is not None:
            light = torch.flip(light, [axis if axis == 0 else 3 for axis in flips])
        return kind, RainLayer(alpha, light)

    def save(self, path: Path) -> None:
        """Write the memory as one safetensors file, whole or not at all."""
        tensors: dict[str, Tensor] = {}
        index: list[dict[str, object]] = []
        for kind, layers in self.layers.items():
            for layer in layers:
                name = str(len(index))
                index.append({"kind": kind, "shape": layer.shape})
                tensors[f"{name}.alpha"] = torch.frombuffer(bytearray(layer.alpha), dtype=torch.uint8)
                if layer.light is not None:
                    tensors[f"{name}.light"] = layer.light.contiguous()
        note = {"budget": str(self.budget), "index": json.dumps(index)}
        write_whole(path, safetensors.torch.save(tensors, note), parents=True)

    @classmethod
    def load(cls, path: Path) -> ReviewMemory:
        """Read what `save` wrote; raises RecipeError where it is missing or damaged."""
        try:
            with safetensors.safe_open(str(path), framework="pt") as file:
                note = file.metadata()
                memory = cls(int(note["budget"]))
                names = set(file.keys())
                for number, entry in enumerate(json.loads(note["index"])):
                    frames, height, width = entry["shape"]
                    stored = StoredLayer(
                        entry["kind"],
                        (frames, height, width),
                        file.get_tensor(f"{number}.alpha").numpy().tobytes(),
                        file.get_tensor(f"{number}.light") if f"{number}.light" in names else None,
                    )
                    memory.layers.setdefault(stored.kind, []).append(stored)
        except (OSError, KeyError, ValueError, TypeError, safetensors.SafetensorError) as error:
            raise RecipeError(
                "training-file", f"review memory {path} cannot be read ({error}); run its task again"
            ) from error
        return memory


def describe(alpha: Tensor) -> Tensor:
    """What a layer (T, H, W) is like, (6,): logarithms of its mean, its strongest hundredth, the energy of
    its differences along lines, columns and time relative to its own, and how unevenly it falls.
    """
    energy = alpha.square().mean() + 1e-9
    across = (alpha[:, :, 1:] - alpha[:, :, :-1]).square().mean()
    down = (alpha[:, 1:] - alpha[:, :-1]).square().mean()
    later = (alpha[1:] - alpha[:-1]).square().mean() if len(alpha) > 1 else torch.zeros(())
    coarse = F.adaptive_avg_pool2d(alpha[None], 4)
    strongest = alpha.flatten().kthvalue(max(1, round(0.99 * alpha.numel()))).values
    values = torch.stack(
        (alpha.mean(), strongest, across / energy, down / energy, later / energy, coarse.std() / alpha.mean())
    )
    return torch.log(values.nan_to_num() + 1e-4)


def k_centre(points: Tensor) -> list[int]:
    """All rows of `points` (N, D) in the order of greedy k-centre, distances in standard deviations."""
    scaled = (points - points.mean(0)) / points.std(0, unbiased=False).clamp(min=1e-6)
    order = [int(scaled.norm(dim=1).argmin())]
    distance = (scaled - scaled[order[0]]).norm(dim=1)
    while len(order) < len(points):
        distance[order[-1]] = -1
        order.append(int(distance.argmax()))
        distance = torch.minimum(distance, (scaled - scaled[order[-1]]).norm(dim=1))
    return order
