"""The VapourSynth adapter keeps the promises of a host adapter."""

from __future__ import annotations

from typing import Any

import numpy as np
import vapoursynth as vs
from vs_support import planes

from vsrrg.testing import AdapterSuite
from vsrrg.vapoursynth import vsrrg_adapters
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg.video.vapoursynth_formats import from_vapoursynth, to_vapoursynth


class TestVapourSynth(AdapterSuite):
    adapter = vsrrg_adapters()[0]
    host = "vapoursynth"
    formats = (
        PixelFormat("yuv", 8, sub_w=1, sub_h=1),
        PixelFormat("yuv", 10, sub_w=1),
        PixelFormat("rgb", 8),
        PixelFormat("gray", 16, "float"),
        PixelFormat("yuv", 32, "float"),
    )
    options = {"num_streams": 2}  # noqa: RUF012
    errors = (vs.Error,)

    def source(self, frames: list[Frame]) -> Any:
        first = frames[0]
        blank = vs.core.std.BlankClip(
            format=vs.core.query_video_format(*to_vapoursynth(first.format)).id,
            width=first.width,
            height=first.height,
            length=len(frames),
        )

        def show(n: int, f: vs.VideoFrame) -> vs.VideoFrame:
            shown = f.copy()
            for plane, samples in enumerate(frames[n].planes):
                np.asarray(shown[plane])[...] = samples
            return shown

        return blank.std.ModifyFrame(blank, show)

    def frames(self, video: Any) -> list[Frame]:
        return [self.frame(video, n) for n in range(video.num_frames)]

    def frame(self, video: Any, n: int) -> Frame:
        frame = video.get_frame(n)
        f = frame.format
        fmt = from_vapoursynth(
            int(f.color_family), int(f.sample_type), f.bits_per_sample, f.subsampling_w, f.subsampling_h
        )
        return Frame(tuple(planes(frame)), fmt, ColorSpec.guess(fmt, frame.width, frame.height))
