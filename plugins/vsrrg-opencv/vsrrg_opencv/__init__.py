"""vsrrg for OpenCV: captures and BGR frames in, derained BGR frames out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Never

from vsrrg.hooks import hookimpl
from vsrrg.hooks.items import HostAdapter

if TYPE_CHECKING:
    import cv2

    from vsrrg.engine import FrameFilter
    from vsrrg_opencv.video import Array, CleanVideo

__all__ = ["derain"]

vsrrg_api = 1


def derain(
    source: cv2.VideoCapture | Iterable[Array],
    *,
    low_latency: bool = False,
    strength: float = 1.0,
    model: str = "general",
    backend: str = "torch",
    device: str | None = None,
    precision: Any = None,
    max_memory: int | None = None,
    output: Any = "clean",
    lookahead: int | None = None,
    scene_cuts: bool = True,
    filters: Sequence[str | FrameFilter] = (),
    **unknown: Never,
) -> CleanVideo:
    """Derain a `cv2.VideoCapture` or any iterable of OpenCV's frames; iterate over what it returns.

        for clean in vsrrg_opencv.derain(cv2.VideoCapture(0), low_latency=True):
            cv2.imshow("clean", clean)

    Frames are arrays (height, width, 3) in B, G, R or (height, width) gray, of uint8, uint16, float16 or
    float32 (0..1), and come out as they went in. The capture is released when it gives no more frames, and
    by `close` or the end of a `with`. The options are those of `vsrrg.derain`, and:

    - `low_latency`: each frame comes out before the next is read, derained with the past alone; short for
      `lookahead=0`.

    Raises:
        MediaError: the capture is not open.
        OptionError, ModelError, PluginError: as `vsrrg.derain`.
        FormatError: while iterating, for what is no such frame, or differs from those before.
    """
    from vsrrg.engine.options import NAMES, refuse_unknown
    from vsrrg_opencv.video import clean_video

    refuse_unknown(unknown, (*NAMES, "low_latency"), "vsrrg_opencv.derain")
    return clean_video(
        source,
        low_latency=low_latency,
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
    )


def _is_video(source: object) -> bool:
    cv2 = sys.modules.get("cv2")  # Nobody holds a capture of a module that is not loaded.
    if cv2 is None:
        return False
    from vsrrg_opencv.video import CleanVideo

    return isinstance(source, cv2.VideoCapture | CleanVideo)


@hookimpl
def vsrrg_adapters() -> list[HostAdapter]:
    """Lets ``vsrrg.derain`` take captures, and what it makes of them."""
    return [HostAdapter(name="opencv", description="captures of OpenCV", accepts=_is_video, derain=derain)]
