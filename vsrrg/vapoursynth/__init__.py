"""The VapourSynth adapter: a clip goes in, the same clip without rain comes out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Never

from vsrrg.hooks import API_VERSION, HostAdapter, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import vapoursynth as vs

    from vsrrg.engine import FrameFilter
    from vsrrg.engine.options import Output
    from vsrrg.models.descriptor import Precision

__all__ = ["derain"]

vsrrg_api = API_VERSION


def derain(
    clip: vs.VideoNode,
    *,
    strength: float | vs.VideoNode = 1.0,
    model: str = "general",
    backend: str = "torch",
    device: str | None = None,
    precision: Precision | None = None,
    max_memory: int | None = None,
    output: Output = "clean",
    lookahead: int | None = None,
    scene_cuts: bool = True,
    filters: Sequence[str | FrameFilter] = (),
    num_streams: int | None = None,
    **unknown: Never,
) -> vs.VideoNode:
    """Remove rain streaks from a clip.

    The clip has one format and size: YUV, GRAY or RGB, 8 to 16 bit integer, half or float. Format, length,
    frame rate and frame properties come out unchanged. `_Range` and `_Matrix` are heeded, else guessed.

    - `strength`: how much of the rain goes, from 0 (the clip itself) to 1 (all that was found); or a GRAY
      clip of the same size and length, whose 0..peak means 0..1 pixel by pixel.
    - `model`: a model's name (`vsrrg models` lists them) or the path of a weight file.
    - `backend`, `device`, `precision`: what runs the model, where ("cpu", "cuda:0") and how ("fp32", "bf16",
      "fp16"); None takes what suits this machine.
    - `max_memory`: bytes that frames, features and the work on them may take in the memory of the device,
      beside Python, torch, the weights and VapourSynth's own frames; None takes a share of what is free.
    - `output`: "clean", or "rain" for the layer that was removed.
    - `lookahead`: frames of the future that a frame may be derained with; None takes as many as the model
      sees.
    - `scene_cuts`: never look across a cut. `_SceneChangePrev` and `_SceneChangeNext` say where cuts are;
      frames without these properties are compared.
    - `filters`: what else is done to frames and their rain, in this order: filters of plugins by name, with
      their parameters ("NAME:key=value"; `vsrrg filters` lists them), or `vsrrg.engine.FrameFilter` objects.
    - `num_streams`: how many frames are worked on at once; None takes what suits the device, which is as many
      as its cores share out on a CPU, and 2 on a GPU.

    Raises `vs.Error`: at once for a clip, mask or option that does not fit, an unknown model or a missing
    device; when the frame is asked for if it is interlaced. Raises `OptionError` for an option that does not
    exist.
    """
    from vsrrg.engine.options import NAMES, refuse_unknown
    from vsrrg.vapoursynth.filter import derain_clip

    refuse_unknown(unknown, (*NAMES, "num_streams"), "vsrrg.vapoursynth.derain")
    return derain_clip(
        clip,
        strength=strength,
        num_streams=num_streams,
        model=model,
        backend=backend,
        device=device,
        precision=precision,
        max_memory=max_memory,
        output=output,
        lookahead=lookahead,
        scene_cuts=scene_cuts,
        filters=filters,
    )


def _is_clip(source: object) -> bool:
    """Whether `source` is a VapourSynth clip. Where nobody has imported VapourSynth, nothing is."""
    if "vapoursynth" not in sys.modules:
        return False
    import vapoursynth as vs

    return isinstance(source, vs.VideoNode)


@hookimpl
def vsrrg_adapters() -> list[HostAdapter]:
    """Register VapourSynth clips as something that `vsrrg.derain` takes."""
    return [HostAdapter(name="vapoursynth", description="VapourSynth clips", accepts=_is_clip, derain=derain)]
