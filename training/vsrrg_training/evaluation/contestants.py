"""What is measured: models run by vsrrg's own engine, and the network-free baselines they must beat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.engine import Derainer
from vsrrg.engine.device import choose_device, choose_precision
from vsrrg.hooks.resolve import find_model
from vsrrg.models.alignment import estimate_motion, pyramid, warp
from vsrrg.models.descriptor import ModelDescriptor
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg_training.data.yuv import Planes
from vsrrg_training.derain import build_model
from vsrrg_training.weights import read_state

INPUT, CONSENSUS, ALIGNED = "rainy input", "min, median of 3", "the same, aligned"

_FORMAT = PixelFormat("yuv", 8, "integer", 1, 1)
_COLOR = ColorSpec("bt709", "limited")


@dataclass(frozen=True)
class Contestant:
    """A name and a way to derain a whole clip."""

    name: str
    derain: Callable[[Sequence[Planes]], list[Planes]]


def baselines() -> list[Contestant]:
    """The input as it is, and the consensus of neighbouring frames, as they lie and aligned as in RRGNet."""
    return [
        Contestant(INPUT, list),
        _contestant(CONSENSUS, find_model("consensus"), scene_cuts=False),
        Contestant(ALIGNED, aligned_consensus),
    ]


def aligned_consensus(clip: Sequence[Planes]) -> list[Planes]:
    """The consensus of luma after the network's block alignment, without the network; chroma stays."""
    codes = [torch.from_numpy(planes[0]).float()[None, None] for planes in clip]
    height, width = codes[0].shape[-2:]
    frames = [F.pad(code, (0, -width % 8, 0, -height % 8), mode="replicate") / 255 for code in codes]
    scales = [pyramid(F.pixel_unshuffle(frame, 2)) for frame in frames]

    def moved(k: int, n: int) -> torch.Tensor:
        k = min(max(k, 0), len(clip) - 1)
        return warp(frames[k], estimate_motion(scales[n], scales[k]), 2.0)

    result = []
    for n, planes in enumerate(clip):
        median = torch.stack((moved(n - 1, n), frames[n], moved(n + 1, n))).median(0).values
        luma = torch.minimum(frames[n], median)[0, 0, :height, :width]
        result.append(((luma * 255).round().byte().numpy(), planes[1], planes[2]))
    return result


def model_contestant(source: str, *, device: str | None = None, precision: str | None = None) -> Contestant:
    """A run folder, checkpoint, weight file or model name, run frame by frame as the product runs it."""
    path = Path(source)
    is_training = path.is_dir() or path.suffix == ".pt"
    descriptor = _describe(path) if is_training else find_model(source)
    name = path.name if is_training else descriptor.name
    return _contestant(name, descriptor, device=device, precision=precision)


def _contestant(
    name: str,
    descriptor: ModelDescriptor,
    *,
    device: str | None = None,
    precision: str | None = None,
    scene_cuts: bool = True,
) -> Contestant:
    chosen = choose_device(device)
    session = TorchBackend().open(
        descriptor, device=chosen, precision=choose_precision(chosen, precision, descriptor.halves)
    )
    derainer = Derainer(session, scene_cuts=scene_cuts)

    def derain(clip: Sequence[Planes]) -> list[Planes]:
        frames = derainer.stream(Frame(planes, _FORMAT, _COLOR) for planes in clip)
        return [(frame.planes[0], frame.planes[1], frame.planes[2]) for frame in frames]

    return Contestant(name, derain)


def _describe(path: Path) -> ModelDescriptor:
    weights = read_state(path)
    model, _ = build_model(weights.config)
    model.load_state_dict(weights.state)
    model.eval()
    return ModelDescriptor(
        name=path.name,
        description="a training run",
        radius=model.config.radius,
        multiple=model.config.multiple,
        halo=model.config.halo,
        halves=frozenset({"fp32", "bf16", "fp16"}),
        load=lambda: model,
    )
