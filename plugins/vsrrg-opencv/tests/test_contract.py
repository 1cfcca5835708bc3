"""The plugin keeps the promises of plugins, its adapter those of host adapters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from vsrrg_opencv import vsrrg_adapters

from vsrrg.testing import AdapterSuite, PluginSuite
from vsrrg.video import ColorSpec, Frame, PixelFormat

RGB8 = PixelFormat("rgb", 8)


class TestPlugin(PluginSuite):
    plugin = "vsrrg_opencv"
    heavy = ("torch", "cv2")


class TestOpenCV(AdapterSuite):
    adapter = vsrrg_adapters()[0]
    host = "cv2"
    formats = (RGB8,)
    options = {"low_latency": True}  # noqa: RUF012

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = str(tmp_path / "lossless.avi")

    def source(self, frames: list[Frame]) -> Any:
        size = frames[0].width, frames[0].height
        writer = cv2.VideoWriter(self.path, cv2.VideoWriter.fourcc(*"FFV1"), 25, size)
        for frame in frames:
            writer.write(np.stack(frame.planes[::-1], -1))
        writer.release()
        return cv2.VideoCapture(self.path)

    def frames(self, video: Any) -> list[Frame]:
        pictures = captured(video) if isinstance(video, cv2.VideoCapture) else video
        color = ColorSpec("rgb", "full")
        return [Frame(tuple(picture[..., i] for i in (2, 1, 0)), RGB8, color) for picture in pictures]


def captured(capture: cv2.VideoCapture) -> Iterator[Any]:
    while (read := capture.read())[0]:
        yield read[1]
