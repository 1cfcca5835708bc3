"""The filter graph: shifted copies of the clip meet in one selector, which asks the engine for one frame.

The window is part of the graph, so the core fetches (and caches) every source frame itself, in whatever order
frames are asked for; a selector never requests a frame.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import vapoursynth as vs

from vsrrg.engine import Derainer, Options
from vsrrg.errors import VsrrgError, tagged
from vsrrg.hooks.resolve import create_derainer
from vsrrg.logs import heed_environment
from vsrrg.vapoursynth.clips import check_mask, check_num_streams, clip_format, on_cpu, shifted
from vsrrg.vapoursynth.frames import read_frame, read_mask, refuse_interlaced, scene_mark, write_frame
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

log = logging.getLogger(__name__)

Selector = Callable[[int, Any], vs.VideoFrame]


def derain_clip(
    clip: vs.VideoNode, *, strength: float | vs.VideoNode, num_streams: int | None, **options: Any
) -> vs.VideoNode:
    """`vsrrg.vapoursynth.derain`, whose options these are: checks everything and opens the model at once."""
    try:
        # Editors show VapourSynth's log, but no stderr. Frames are made in threads that know no core.
        heed_environment(partial(_to_host, vs.core.core), logging.WARNING)
        fmt = clip_format(clip)
        mask = strength if isinstance(strength, vs.VideoNode) else None
        if mask is not None:
            check_mask(mask, clip)
        checked = Options(strength=1.0 if mask is not None else strength, **options)
        check_num_streams(num_streams)
        if checked.strength == 0 and checked.output == "clean":
            return clip
        derainer = create_derainer(checked)
    except VsrrgError as error:
        raise vs.Error(f"derain: {tagged(error)}") from None

    streams = num_streams or derainer.beside
    log.info("clip: %dx%d %s, %d frames at once", clip.width, clip.height, fmt.name, streams)
    source = on_cpu(clip)
    # The frame before the window is there for its scene mark only: what is said of a frame must not depend on
    # the window that it is first seen in.
    clips = [shifted(source, distance) for distance in range(-derainer.lookback - 1, derainer.lookahead + 1)]
    if mask is not None:
        clips.append(on_cpu(mask))
    selector = _selector(derainer, fmt, clip.num_frames, masked=mask is not None, marked=checked.scene_cuts)
    nodes = [source.std.ModifyFrame(clips, selector) for _ in range(streams)]
    if streams == 1:
        return nodes[0]
    # ModifyFrame calls its selector one frame at a time, FrameEval asks several of them at once.
    return source.std.FrameEval(lambda n: nodes[n % streams], clip_src=clips)


def _to_host(core: vs.Core, level: int, line: str) -> None:
    """Hands a line to VapourSynth's log, which has no errors that do not end the process."""
    kinds = {logging.DEBUG: vs.MESSAGE_TYPE_DEBUG, logging.INFO: vs.MESSAGE_TYPE_INFORMATION}
    core.log_message(kinds.get(level, vs.MESSAGE_TYPE_WARNING), line)


def _selector(derainer: Derainer, fmt: PixelFormat, length: int, *, masked: bool, marked: bool) -> Selector:
    """The function that makes frame n from frames n - lookback - 1 .. n + lookahead of the clip, and frame n
    of the mask.

    Scene marks are read if `marked` is true.
    """
    center = derainer.lookback + 1

    def select(n: int, f: Sequence[vs.VideoFrame]) -> vs.VideoFrame:
        def fetch(k: int) -> Frame:
            i = center + k - n
            return read_frame(f[i], fmt, cut=scene_mark(f[i], f[i - 1]) if marked and k > 0 else None)

        try:
            refuse_interlaced(f[center], n)
            strength = read_mask(f[-1]) if masked else None
            result = derainer.frame(n, fetch, length, strength=strength)
        except VsrrgError as error:
            raise vs.Error(f"derain: {tagged(error)}") from None
        return write_frame(result, f[center])

    return select
