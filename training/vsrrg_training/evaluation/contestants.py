"""What is measured: models run by vsrrg's own engine, and the network-free baselines they must beat."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.engine import Derainer
from vsrrg.engine.device import choose_device, choose_precision
from vsrrg.hooks.resolve import find_model
from vsrrg.kernels.packing import KB, KG, KR
from vsrrg.models.alignment import Pyramid, estimate_motion, pyramid, warp
from vsrrg.models.descriptor import ModelDescriptor
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg_training.data.yuv import Planes
from vsrrg_training.weights import load_network

INPUT, CONSENSUS, ALIGNED = "rainy input", "min, median of 3", "the same, aligned"


@dataclass(frozen=True)
class FrameKind:
    """What the planes of the frames are."""

    format: PixelFormat
    color: ColorSpec


VIDEO = FrameKind(PixelFormat("yuv", 8, "integer", 1, 1), ColorSpec("bt709", "limited"))
"""8-bit 4:2:0, as nearly all video is."""
RGB = FrameKind(PixelFormat("rgb", 8), ColorSpec("rgb", "full"))
"""8-bit R'G'B', as image files are."""


@dataclass(frozen=True)
class Contestant:
    """A name and a way to derain a clip, frame by frame."""

    name: str
    stream: Callable[[Iterable[Planes]], Iterator[Planes]]

    def derain(self, clip: Sequence[Planes]) -> list[Planes]:
        """Derain a whole clip."""
        return list(self.stream(clip))


def baselines(kind: FrameKind = VIDEO) -> list[Contestant]:
    """The input as it is, and the consensus of neighbouring frames, as they lie and aligned as in RRGNet."""
    return [
        Contestant(INPUT, iter),
        _contestant(CONSENSUS, find_model("consensus"), kind, scene_cuts=False),
        Contestant(ALIGNED, partial(aligned_consensus, kind=kind)),
    ]


def aligned_consensus(clip: Iterable[Planes], kind: FrameKind = VIDEO) -> Iterator[Planes]:
    """The consensus of luma after the network's block alignment, without the network; colour stays.

    R'G'B' frames lose the same amount, that of BT.709 luma, from every plane.
    """
    before: _Seen | None = None
    here: _Seen | None = None
    for after in (_Seen(planes, pyramid(F.pixel_unshuffle(_luma(planes, kind), 2))) for planes in clip):
        if here:
            yield _consensus(before or here, here, after, kind)
        before, here = here, after
    if here:
        yield _consensus(before or here, here, here, kind)


class _Seen(NamedTuple):
    planes: Planes
    scales: Pyramid
    """Of luma in 0..1, continued to multiples of 8."""


def _luma(planes: Planes, kind: FrameKind) -> torch.Tensor:
    codes = [torch.from_numpy(plane).float() for plane in planes]
    luma = KR * codes[0] + KG * codes[1] + KB * codes[2] if kind.format.family == "rgb" else codes[0]
    height, width = luma.shape
    return F.pad(luma[None, None], (0, -width % 8, 0, -height % 8), mode="replicate") / 255


def _consensus(before: _Seen, here: _Seen, after: _Seen, kind: FrameKind) -> Planes:
    luma = here.scales.full
    moved = (
        warp(seen.scales.full, estimate_motion(here.scales, seen.scales), 2.0) for seen in (before, after)
    )
    lowest = torch.minimum(luma, torch.stack((luma, *moved)).median(0).values)
    height, width = here.planes[0].shape
    if kind.format.family == "rgb":
        rain = ((luma - lowest) * 255)[0, 0, :height, :width].numpy()
        red, green, blue = (np.clip(np.rint(plane - rain), 0, 255).astype(np.uint8) for plane in here.planes)
        return red, green, blue
    return (lowest[0, 0, :height, :width] * 255).round().byte().numpy(), here.planes[1], here.planes[2]


def model_contestant(
    source: str,
    kind: FrameKind = VIDEO,
    *,
    device: str | None = None,
    precision: str | None = None,
    lookahead: int | None = None,
) -> Contestant:
    """A run folder, checkpoint, weight file or model name, run frame by frame as the product runs it."""
    path = Path(source)
    is_training = path.is_dir() or path.suffix == ".pt"
    descriptor = _describe(path) if is_training else find_model(source)
    name = path.name if is_training else descriptor.name
    return _contestant(name, descriptor, kind, device=device, precision=precision, lookahead=lookahead)


def model_contestants(
    sources: Sequence[str],
    kind: FrameKind = VIDEO,
    *,
    device: str | None = None,
    precision: str | None = None,
    lookaheads: Sequence[int] = (),
) -> list[Contestant]:
    """Several of them; two versions of one model go by where they come from.

    Each enters once more for every one of the `lookaheads`, as in live use.
    """
    entrants = [model_contestant(source, kind, device=device, precision=precision) for source in sources]
    count = Counter(entrant.name for entrant in entrants)
    named = []
    for source, entrant in zip(sources, entrants, strict=True):
        name = source if count[entrant.name] > 1 else entrant.name
        named.append(replace(entrant, name=name))
        for ahead in lookaheads:
            live = model_contestant(source, kind, device=device, precision=precision, lookahead=ahead)
            named.append(replace(live, name=f"{name}, lookahead {ahead}"))
    return named


def _contestant(
    name: str,
    descriptor: ModelDescriptor,
    kind: FrameKind,
    *,
    device: str | None = None,
    precision: str | None = None,
    lookahead: int | None = None,
    scene_cuts: bool = True,
) -> Contestant:
    chosen = choose_device(device)
    session = TorchBackend().open(
        descriptor, device=chosen, precision=choose_precision(chosen, precision, descriptor.halves)
    )
    derainer = Derainer(session, lookahead=lookahead, scene_cuts=scene_cuts)

    def stream(clip: Iterable[Planes]) -> Iterator[Planes]:
        for frame in derainer.stream(Frame(planes, kind.format, kind.color) for planes in clip):
            yield frame.planes[0], frame.planes[1], frame.planes[2]

    return Contestant(name, stream)


def _describe(path: Path) -> ModelDescriptor:
    model = load_network(path).eval()
    return ModelDescriptor(
        name=path.name,
        description="a training run",
        radius=model.config.radius,
        multiple=model.config.multiple,
        halo=model.config.halo,
        halves=frozenset({"fp32", "bf16", "fp16"}),
        load=lambda: model,
    )
