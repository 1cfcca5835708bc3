"""The ffmpeg adapter keeps the promises of a host adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import ffmpeg
import pytest

from tests.ffmpeg.media import ffmpeg as run_ffmpeg
from vsrrg.bench.footage import stored_as
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.plugin import vsrrg_adapters
from vsrrg.testing import AdapterSuite
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg.video.pix_fmts import find_pix_fmt, read_planes, write_planes


class TestFfmpeg(AdapterSuite):
    adapter = vsrrg_adapters()[0]
    host = "ffmpeg"
    formats = (PixelFormat("yuv", 8, sub_w=1, sub_h=1), PixelFormat("yuv", 10, sub_w=1))

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def source(self, frames: list[Frame]) -> Any:
        pix_fmt = stored_as(frames[0].format)
        assert pix_fmt is not None
        size = f"{frames[0].width}x{frames[0].height}"
        data = b"".join(write_planes(frame.planes, pix_fmt) for frame in frames)
        target = self.folder / "source.mkv"
        words = ("-f", "rawvideo", "-pix_fmt", pix_fmt.name, "-s", size, "-i", "-", "-c:v", "ffv1")
        run_ffmpeg(*words, target, input=data)
        return ffmpeg.input(str(target))

    def frames(self, video: Any) -> list[Frame]:
        target = self.folder / "read.mkv"
        written = video.output(str(target), vcodec="ffv1", fps_mode="passthrough")
        written.run(cmd=find_ffmpeg(), quiet=True, overwrite_output=True)
        with av.open(str(target)) as container:
            stream = container.streams.video[0]
            pix_fmt, width, height = find_pix_fmt(stream.pix_fmt), stream.width, stream.height
        data = run_ffmpeg("-i", target, "-fps_mode", "passthrough", "-f", "rawvideo", "-")
        size, fmt = pix_fmt.frame_bytes(width, height), pix_fmt.format
        color = ColorSpec.guess(fmt, width, height)
        return [
            Frame(read_planes(data[at : at + size], pix_fmt, width, height), fmt, color)
            for at in range(0, len(data), size)
        ]
