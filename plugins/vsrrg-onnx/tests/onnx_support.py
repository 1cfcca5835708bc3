"""Small networks, footage of the demo clip, and graphs opened in ONNX Runtime without anything of vsrrg."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vsrrg.kernels import pack
from vsrrg.models import ModelDescriptor
from vsrrg.video import ColorSpec, Frame, PixelFormat

YUV420P8 = PixelFormat("yuv", 8, sub_w=1, sub_h=1)
BT709 = ColorSpec("bt709", "limited")
DEMO = Path(__file__).parents[3] / "examples" / "rain-demo.mp4"


class Levels(NamedTuple):
    """Features of several kinds: nested, at several sizes, and none."""

    frame: Tensor
    deep: tuple[Tensor, None]


class Small(nn.Module):
    """A network with odd habits: it fuses windows of one picture otherwise, counts rows, assigns to parts."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.down = nn.Conv2d(6, 4, 3, stride=2, padding=1)
        self.up = nn.Conv2d(4, 6, 1)

    def encode(self, packed: Tensor) -> Levels:
        return Levels(packed, (self.down(packed.to(self.down.weight.dtype)), None))

    def fuse(self, window: Sequence[Levels]) -> Tensor:
        before, now, after = window
        if all(features is now for features in window):
            return 0.25 * now.frame
        rain = now.frame - torch.minimum(before.frame, after.frame)
        deep = self.up(now.deep[0] - after.deep[0])
        rows, columns = rain.shape[2:]
        # As many blocks of four as cover the frame.
        blocks = F.interpolate(deep, size=(-(-rows // 4), -(-columns // 4)))
        rain = rain + F.interpolate(blocks, scale_factor=4.0)[:, :, :rows, :columns]
        rain = rain - rain.flatten(2).median(2).values[:, :, None, None]
        rain[:, 4:] *= 0.5
        rain[:, 1] += 0.01
        return rain

    def forward(self, window: Tensor) -> Tensor:
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])


class Smallest(nn.Module):
    """A network with one weight."""

    def __init__(self, weight: float = 0.5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def encode(self, packed: Tensor) -> Tensor:
        return packed

    def fuse(self, window: Sequence[Tensor]) -> Tensor:
        return self.weight * (window[1] - window[0])


def descriptor(load: Callable[[], nn.Module] = Small, name: str = "small", **facts: Any) -> ModelDescriptor:
    facts = {"radius": 1, "multiple": 2, "halo": None, "halves": frozenset({"fp16"}), **facts}
    return ModelDescriptor(name=name, description="for tests", load=load, **facts)


def demo(count: int, width: int = 160, height: int = 96, *, start: int = 0) -> list[Frame]:
    """Frames of the demo clip, of which a corner with street and houses is cut."""
    frames = []
    with av.open(str(DEMO)) as container:
        for picture in islice(container.decode(video=0), start, start + count):
            whole = picture.to_ndarray(format="yuv420p")
            rows, chroma = picture.height, (2, picture.height // 2, picture.width // 2)
            planes = [whole[:rows], *whole[rows:].reshape(chroma)]
            cut = [plane[-(height >> (i > 0)) :, : width >> (i > 0)].copy() for i, plane in enumerate(planes)]
            frames.append(Frame(tuple(cut), YUV420P8, BT709))
    return frames


def packed(frames: Sequence[Frame]) -> Tensor:
    """The frames as networks see them: (count, 6, h, w)."""
    return torch.stack(
        [pack([torch.from_numpy(p) for p in frame.planes], frame.format, frame.color) for frame in frames]
    )


def by_torch(network: Any, window: Tensor) -> Tensor:
    """The layer of a window (N, 2r + 1, 6, h, w); where it shows one picture, of one encoding."""
    with torch.no_grad():
        layers = []
        for frames in window:
            still = bool((frames == frames[0]).all())
            encoded = [network.encode(frame[None]) for frame in (frames[:1] if still else frames)]
            layers.append(network.fuse(encoded * len(frames) if still else encoded))
        return torch.cat(layers)


def run(file: Path, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The outputs of a graph in bare ONNX Runtime."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    made = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
    return {
        slot.name: torch.from_numpy(value) for slot, value in zip(session.get_outputs(), made, strict=True)
    }


def codes_apart(a: Sequence[Frame], b: Sequence[Frame]) -> np.ndarray[Any, Any]:
    """By how many code values the samples of two clips differ."""
    pairs = [pair for x, y in zip(a, b, strict=True) for pair in zip(x.planes, y.planes, strict=True)]
    return np.concatenate([np.abs(x.astype(float) - y.astype(float)).ravel() for x, y in pairs])
