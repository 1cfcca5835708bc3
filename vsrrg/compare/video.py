"""The page's video: every frame coded on its own, so that any can be shown at once and none holds traces of
others.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vsrrg.compare.panels import MARGIN, Layout, Planes

CRF = 17
CODEC = f"H.264 (libx264, CRF {CRF}, tuned for grain), every frame coded on its own, 4:2:0, 8 bit, BT.709"
"""For people. Every browser plays it, and rain leaves little to win from coding frames together."""
OPTIONS = {"preset": "fast", "tune": "grain,zerolatency", "crf": str(CRF), "g": "1", "bf": "0"}
TICKS = 90_000
"""Time stamps a second."""


@dataclass(frozen=True)
class Encoded:
    """A finished video."""

    data: bytes
    """An mp4 file."""
    error: float
    """What coding changed in the luma of the rainy and the derained panel: root mean square, codes."""


class Encoder:
    """Encodes stacked pictures, one after the other, and watches what it does to them."""

    def __init__(self, to: Layout, rate: Fraction) -> None:
        import av

        self._layout = to
        self._step = round(TICKS / rate)
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="mp4")
        self._stream: Any = self._container.add_stream("libx264", rate=rate, options=OPTIONS)
        width, height = to.cell
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = 2 * width, 2 * height, "yuv420p"
        context.time_base = Fraction(1, TICKS)
        context.colorspace = context.color_primaries = context.color_trc = 1
        context.color_range = 1
        self._decoder: Any = av.CodecContext.create("h264", "r")
        self._waiting: deque[Mapping[str, NDArray[np.uint8]]] = deque()
        self._squares = 0.0
        self._samples = 0
        self._size = self._largest = 0

    @property
    def size(self) -> int:
        """Bytes so far, and once more those of the largest frame, which stands for the next one."""
        return self._size + self._largest

    def add(self, planes: Planes, lumas: Mapping[str, NDArray[np.uint8]], time: Fraction) -> None:
        """Encode what `stacked` gives, at a time in seconds; the first at 0."""
        import av

        frame = av.VideoFrame.from_ndarray(
            np.concatenate([plane.reshape(-1, planes[0].shape[1]) for plane in planes]), format="yuv420p"
        )
        frame.pts, frame.time_base = round(time * TICKS), Fraction(1, TICKS)
        self._waiting.append(lumas)
        self._write(self._stream.encode(frame))

    def finish(self) -> Encoded:
        """The whole file."""
        self._write(self._stream.encode(None))
        self._watch(self._decoder.decode(None))
        self._container.close()
        error = float(np.sqrt(self._squares / max(1, self._samples)))
        return Encoded(self._file.getvalue(), error)

    def _write(self, packets: list[Any]) -> None:
        for packet in packets:
            if self._decoder.extradata is None:
                self._decoder.extradata = self._stream.codec_context.extradata
            packet.duration = self._step
            self._size += packet.size
            self._largest = max(self._largest, packet.size)
            self._watch(self._decoder.decode(packet))
            self._container.mux(packet)

    def _watch(self, frames: list[Any]) -> None:
        """Compares what comes out with what went in."""
        width, _ = self._layout.cell
        for frame in frames:
            lumas = self._waiting.popleft()
            seen = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
            for i, name in enumerate(("rainy", "derained")):
                true = lumas[name]
                rows, columns = true.shape
                left = MARGIN + i * width
                lost = seen[MARGIN : MARGIN + rows, left : left + columns].astype(np.float32) - true
                self._squares += float(np.square(lost).sum(dtype=np.float64))
                self._samples += lost.size
