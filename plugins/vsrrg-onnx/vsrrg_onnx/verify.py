"""Holds graphs against torch: on windows of made-up rain, what they give must be the network's own layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg.backends import Session
from vsrrg.errors import ModelError
from vsrrg.models import ModelDescriptor, Precision
from vsrrg.models.base import DerainModel

type Rain = Callable[[Sequence[Tensor]], Tensor]
"""The rain layer (N, 6, h, w) of the middle one of 2r + 1 packed frames (N, 6, h, w); those that show the
same picture are the same object.
"""

CODE = 1 / 219
"""A code value of 8-bit video."""
SHARES: Mapping[Precision, float] = {"fp32": 1e-3, "fp16": 2e-2}
"""Of values that may differ by more than a code value: alignment chooses between motions block by block, and
where two fit equally well, the last bit decides.
"""


def verify(rain: Rain, network: DerainModel, model: ModelDescriptor, precision: Precision) -> None:
    """Raises ModelError unless `rain` gives what the network gives, on windows of made-up rain."""
    differ = count = 0
    for frames in windows(2 * model.radius + 1, model.multiple):
        with torch.no_grad():
            wanted, got = by_frames(network)(frames).float(), rain(frames)
        differ += int(((got - wanted).abs() <= CODE).logical_not().sum())
        count += wanted.numel()
    if differ > count * SHARES[precision]:
        raise ModelError(
            "onnx-wrong-result",
            f"the ONNX graphs of model {model.name!r} do not do what it does: {differ / count:.1%} of their "
            "values differ from torch's by more than a code value; use the backend 'torch', and report this",
        )


def by_frames(model: DerainModel | Session) -> Rain:
    """What a model makes of frames, each of which it encodes once."""

    def rain(frames: Sequence[Tensor]) -> Tensor:
        encoded = {id(frame): model.encode(frame) for frame in frames}
        return model.fuse([encoded[id(frame)] for frame in frames])

    return rain


def windows(frames: int, multiple: int) -> Iterator[list[Tensor]]:
    """Windows of several sizes: two of a scene that moves side by side, one of another, one of a picture."""
    for seed, (batch, rows, columns) in enumerate(((2, 9, 14), (1, 16, 20))):
        yield _clip(seed, batch, frames, multiple * rows, multiple * columns)
    yield _clip(2, 1, 1, 8 * multiple, 12 * multiple) * frames


def _clip(seed: int, batch: int, frames: int, height: int, width: int) -> list[Tensor]:
    """Packed frames (N, 6, height, width) of a textured scene that moves, with streaks of rain."""
    generator = torch.Generator().manual_seed(seed)
    rows, columns = 2 * height + 2 * frames, 2 * width + 2 * frames
    scene = torch.zeros(batch, 3, rows, columns)
    for cells, weight in ((4, 0.5), (16, 0.3), (rows // 3, 0.15)):
        coarse = torch.rand(batch, 3, cells, cells, generator=generator)
        scene += weight * F.interpolate(coarse, size=(rows, columns), mode="bicubic")
    clip = []
    for t in range(frames):
        view = scene[:, :, t : t + 2 * height, 2 * t : 2 * t + 2 * width]
        luma = view[:, :1].clone()
        for _ in range(height * width // 100):
            top, left = (int(torch.randint(n, (), generator=generator)) for n in luma.shape[-2:])
            luma[:, :, top : top + 9, left] += 0.25
        chroma = F.avg_pool2d(view[:, 1:], 2) - 0.5
        clip.append(torch.cat((F.pixel_unshuffle(luma.clamp(0, 1), 2), chroma), 1))
    return clip
