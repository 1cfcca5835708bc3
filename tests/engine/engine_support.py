"""Tiny networks, clips and the plain way to derain them, for the engine's tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vsrrg.backends.torch_backend import TorchBackend, TorchSession
from vsrrg.engine.pipeline import pad
from vsrrg.kernels import as_tensor, composite, pack
from vsrrg.models import ModelDescriptor, Precision
from vsrrg.video import ColorSpec, Frame, PixelFormat

YUV420P8 = PixelFormat("yuv", 8, sub_w=1, sub_h=1)
LIMITED = ColorSpec("bt709", "limited")


class Blend(nn.Module):
    """A convolutional encoder and a fusion in which every frame of the window weighs differently."""

    def __init__(self, radius: int) -> None:
        super().__init__()
        torch.manual_seed(radius)
        self.down = nn.Conv2d(6, 16, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(16 * (2 * radius + 1), 6, 2, stride=2)

    def encode(self, packed: Tensor) -> Tensor:
        return torch.relu(self.down(packed.to(self.down.weight.dtype)))

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        return 0.3 * self.up(torch.cat(list(window), 1))

    def forward(self, window: Tensor) -> Tensor:
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])


class Consensus(nn.Module):
    """Rain is what lies above the window's minimum: another scene in the window is plain to see."""

    def encode(self, packed: Tensor) -> Tensor:
        return packed.clone()

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        return window[len(window) // 2] - torch.stack(list(window)).amin(0)

    def forward(self, window: Tensor) -> Tensor:
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])


def descriptor(load: Callable[[], nn.Module], *, radius: int = 2, multiple: int = 2) -> ModelDescriptor:
    return ModelDescriptor(
        name="tiny",
        description="for tests",
        radius=radius,
        multiple=multiple,
        halo=2,
        halves=frozenset({"bf16", "fp16"}),
        load=load,
    )


def blend(radius: int = 2, *, multiple: int = 2) -> ModelDescriptor:
    return descriptor(lambda: Blend(radius), radius=radius, multiple=multiple)


def consensus(radius: int = 2) -> ModelDescriptor:
    return descriptor(Consensus, radius=radius, multiple=1)


class CountingSession(TorchSession):
    """Counts what the engine asks for, and can fail on demand."""

    def __init__(self, model: ModelDescriptor, *, precision: Precision = "fp32", device: str = "cpu") -> None:
        super().__init__(model, device=device, precision=precision)
        self.encoded = 0
        self.fused = 0
        self.fail = False

    def encode(self, packed: Tensor) -> Any:
        if self.fail:
            raise RuntimeError("out of memory")
        self.encoded += 1
        return super().encode(packed)

    def fuse(self, window: Sequence[Any]) -> Tensor:
        self.fused += 1
        return super().fuse(window)


def open_session(model: ModelDescriptor, precision: Precision = "fp32", device: str = "cpu") -> TorchSession:
    return TorchBackend().open(model, device=device, precision=precision)


@cache
def picture(scene: int, rows: int, cols: int) -> np.ndarray:
    """A smooth random picture, 0..1: blobs of a few sizes, so that there is something to recognize."""
    rng = np.random.default_rng(scene)
    total = np.zeros((rows, cols))
    for cells in (3, 6, 12):
        coarse = torch.from_numpy(rng.uniform(0, 1, (1, 1, cells, cells)))
        total += torch.nn.functional.interpolate(coarse, (rows, cols), mode="bilinear")[0, 0].numpy()
    return (total - total.min()) / max(1e-9, total.max() - total.min())


def clip(
    shots: Sequence[int],
    *,
    fmt: PixelFormat = YUV420P8,
    color: ColorSpec = LIMITED,
    width: int = 64,
    height: int = 48,
    noise: float = 0.05,
    seed: int = 0,
) -> list[Frame]:
    """Frame n shows picture `shots[n]` under noise of its own, with pts 10 n."""
    rng = np.random.default_rng(seed)
    frames = []
    for n, scene in enumerate(shots):
        planes = []
        for i in range(fmt.planes):
            shape = fmt.plane_shape(i, width, height)
            values = 0.2 + 0.6 * picture(100 * scene + i, *shape) + noise * rng.uniform(-1, 1, shape)
            if fmt.sample == "integer":
                values = values * fmt.peak
            elif i and fmt.family == "yuv":
                values = values - 0.5
            planes.append(values.astype(fmt.dtype))
        frames.append(Frame(tuple(planes), fmt, color, pts=10 * n))
    return frames


def plain(
    session: TorchSession, frames: Sequence[Frame], windows: Sequence[Sequence[int]], **options: Any
) -> list[Frame]:
    """What the engine promises: the network's `forward` on each window, without any engine."""
    results = []
    for n, window in enumerate(windows):
        frame = frames[n]
        with torch.inference_mode():
            packed = [
                pad(
                    pack([as_tensor(plane) for plane in frames[i].planes], frame.format, frames[i].color)[
                        None
                    ],
                    session.descriptor.multiple,
                )
                for i in window
            ]
            rain = session.network(torch.stack(packed, 1))[0]
            rain = rain[:, : -(-frame.height // 2), : -(-frame.width // 2)]
            planes = composite(
                [as_tensor(plane) for plane in frame.planes], rain, frame.format, frame.color, **options
            )
        results.append(replace(frame, planes=tuple(plane.numpy() for plane in planes)))
    return results


def windows(shots: Sequence[int], radius: int, lookahead: int | None = None) -> list[list[int]]:
    """The windows of a clip whose frame n belongs to shot `shots[n]`, found the slow way."""
    ahead = radius if lookahead is None else min(radius, lookahead)
    back = 2 if radius == 1 and ahead == 0 else radius
    result = []
    for n, shot in enumerate(shots):
        seen = [i for i in range(len(shots)) if n - back <= i <= n + ahead and shots[i] == shot and i != n]
        whole = {n: n}
        for d in range(1, radius + 1):
            for side in (-1, 1):
                here, pair = n + side * d, n - side * d
                if here in seen:
                    whole[here] = here
                    continue
                used = whole.get(pair) if side == 1 else pair if pair in seen else None
                free = [i for i in seen if i != used]
                nearest = sorted(free, key=lambda i: 2 * abs(i - n) - ((i - n) * side > 0))
                whole[here] = nearest[0] if nearest else n if used is None else used
        result.append([whole[i] for i in sorted(whole)])
    return result


def same(a: Frame, b: Frame) -> bool:
    """Whether two frames agree in every bit and in all that is not pixels."""
    equal = all(x.tobytes() == y.tobytes() for x, y in zip(a.planes, b.planes, strict=True))
    return equal and (a.format, a.color, a.pts, a.cut) == (b.format, b.color, b.pts, b.cut)


def all_same(a: Sequence[Frame], b: Sequence[Frame]) -> bool:
    return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
