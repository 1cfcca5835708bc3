"""Remove rain streaks from video: in VapourSynth, in ffmpeg, from the shell and in pipelines of one's own."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsrrg.engine import FrameFilter
    from vsrrg.engine.options import Output
    from vsrrg.frames import Derainer, derain_frames
    from vsrrg.models.descriptor import Precision
    from vsrrg.video import ColorSpec, Frame, PixelFormat

# A library logs, and leaves it to programs who hears it.
logging.getLogger("vsrrg").addHandler(logging.NullHandler())

__version__ = "0.1.0"
__all__ = [
    "ColorSpec",
    "Derainer",
    "Frame",
    "PixelFormat",
    "__version__",
    "derain",
    "derain_frames",
]

_HOMES = {
    "ColorSpec": "vsrrg.video",
    "Derainer": "vsrrg.frames",
    "Frame": "vsrrg.video",
    "PixelFormat": "vsrrg.video",
    "derain_frames": "vsrrg.frames",
}
"""Where names live that are imported when they are first used, so that `import vsrrg` costs nothing."""


def derain[Video](
    source: Video,
    *,
    strength: float | Video = 1.0,
    model: str = "general",
    backend: str = "torch",
    device: str | None = None,
    precision: Precision | None = None,
    max_memory: int | None = None,
    output: Output = "clean",
    lookahead: int | None = None,
    scene_cuts: bool = True,
    filters: Sequence[str | FrameFilter] = (),
    **host_options: Any,
) -> Video:
    """Remove rain streaks from a video; the same kind of video, in the same pixel format, comes out.

    The source is a VapourSynth clip or what else a plugin's host adapter accepts.

    - ``strength``: share of the rain to remove, 0 (nothing) to 1 (all that was found); or, for hosts that
      have masks, a gray video whose black and white mean 0 and 1.
    - ``model``: a name from ``vsrrg models``, or the path of a ``.safetensors`` weight file.
    - ``backend``: what runs the model.
    - ``device``: ``"cpu"``, ``"cuda"`` or ``"cuda:N"``; None takes CUDA if there is any.
    - ``precision``: ``"fp32"``, ``"bf16"`` or ``"fp16"``; None takes what the device does fast.
    - ``max_memory``: bytes that frames, features and the work on them may take in the memory of the device,
      beside Python, torch and the weights; None takes a share of what is free. Frames that need more are
      worked on in bands of rows, with the same pixels.
    - ``output``: ``"clean"``, or ``"rain"`` for the layer that was removed.
    - ``lookahead``: frames of the future that a frame may be derained with; 0 for live use, which costs some
      quality (docs/evaluation.md); None takes as many as the model sees.
    - ``scene_cuts``: find scene cuts and never look across them.
    - ``filters``: what else is done to frames and their rain, in this order: filters of plugins by name,
      with their parameters (``"NAME:key=value,key=value"``; ``vsrrg filters`` lists them), or objects of the
      class ``vsrrg.engine.FrameFilter``.
    - ``host_options``: options of the host's own adapter, such as ``num_streams`` for VapourSynth.

    Raises OptionError for a source or option that does not exist, ModelError for an unknown model, and
    whatever the host's users expect (``vs.Error``) for what the host refuses.
    """
    from vsrrg.hooks.resolve import derain as through_adapter

    clean: Video = through_adapter(
        source,
        strength=strength,
        model=model,
        backend=backend,
        device=device,
        precision=precision,
        max_memory=max_memory,
        output=output,
        lookahead=lookahead,
        scene_cuts=scene_cuts,
        filters=filters,
        **host_options,
    )
    return clean


if not TYPE_CHECKING:  # or type checkers would take every name for one of these

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'vsrrg' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
