"""The ffmpeg adapter: whole files, pipes, and streams of ffmpeg-python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsrrg.engine import FrameFilter

__all__ = ["derain"]


def derain(
    stream: Any,
    *,
    strength: float = 1.0,
    model: str = "general",
    backend: str = "torch",
    device: str | None = None,
    precision: str | None = None,
    max_memory: int | None = None,
    output: str = "clean",
    lookahead: int | None = None,
    scene_cuts: bool = True,
    filters: Sequence[str | FrameFilter] = (),
    **unknown: Never,
) -> Any:
    """Remove rain from a video stream of ffmpeg-python; returns the stream to filter further or to output.

        vsrrg.ffmpeg.derain(ffmpeg.input("rain.mp4")).output("clean.mp4").run()

    The options are those of `vsrrg.derain`; there are no others. Timestamps, colour tags, aspect ratio and
    side data of the frames go through; pixel formats of 8 to 16 bits, half and float without alpha. The
    graph's inputs must be files: they are read twice. Its outputs run by the method `.run()`; `.compile()`
    gives the same as a shell pipeline, for which filters must be given by name.

    Raises:
        OptionError: an option does not exist or has a value that is not allowed, or this is no stream of
            ffmpeg-python.
    """
    from vsrrg.engine import Options
    from vsrrg.engine.options import NAMES, refuse_unknown
    from vsrrg.ffmpeg.join import derain_stream

    refuse_unknown(unknown, NAMES, "vsrrg.ffmpeg.derain")
    return derain_stream(
        stream,
        Options(
            model=model,
            backend=backend,
            device=device,
            precision=precision,  # type: ignore[arg-type]
            max_memory=max_memory,
            strength=strength,
            output=output,  # type: ignore[arg-type]
            lookahead=lookahead,
            scene_cuts=scene_cuts,
            filters=filters,  # type: ignore[arg-type]
        ),
    )
