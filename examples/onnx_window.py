"""Derains a video with an exported window graph, and nothing of vsrrg: numpy, PyAV and ONNX Runtime.

    pip install av numpy onnxruntime
    vsrrg export general general.onnx --format onnx       # once, where vsrrg and vsrrg-onnx are installed
    python examples/onnx_window.py general.onnx rain.mp4 clean.mkv

The video is 8-bit 4:2:0 and a single shot: cuts are not looked for. clean.mkv is lossless (FFV1), without
sound. Its pixels are those of `vsrrg derain --precision fp32 --no-scene-cuts`; see the README of vsrrg-onnx.
"""

import sys
from collections.abc import Iterator
from itertools import count

import av
import numpy as np
import onnxruntime

LUMA, CHROMA = (16, 219, 16, 235), (128, 224, 16, 240)
"""Of limited range: the code of 0, codes per 1.0, and the lowest and highest code that is legal."""
FULL_LUMA, FULL_CHROMA = (0, 255, 0, 255), (128, 255, 0, 255)
FORMATS = ("yuv420p", "yuvj420p")


def main(graph: str, source: str, target: str) -> None:
    frames: dict[int, av.VideoFrame] = {}
    packed: dict[int, np.ndarray] = {}
    with av.open(source) as video:
        stream = video.streams.video[0]
        if stream.pix_fmt not in FORMATS:
            raise SystemExit(f"the video is {stream.pix_fmt}; convert it to yuv420p first")
        session = onnxruntime.InferenceSession(graph, providers=onnxruntime.get_available_providers())
        said = session.get_modelmeta().custom_metadata_map
        if said.get("graph") != "window":
            raise SystemExit(f"{graph} holds no window graph: export it anew, with --graph window")
        radius, multiple = int(said["radius"]), int(said["multiple"])
        with av.open(target, "w") as file:
            encoder = file.add_stream("ffv1", rate=stream.average_rate)
            encoder.width, encoder.height, encoder.pix_fmt = stream.width, stream.height, "yuv420p"
            encoder.time_base = stream.time_base
            for tag in ("color_range", "colorspace", "color_primaries", "color_trc"):
                setattr(encoder.codec_context, tag, getattr(stream.codec_context, tag))
            for n, length in whole_windows(video.decode(stream), frames, radius):
                places = window(n, radius, length)
                for i in places:
                    if i not in packed:
                        packed[i] = pad(pack(planes(frames[i]), codes(frames[i])), multiple)
                stack = np.stack([packed[i] for i in places])[None]
                (rain,) = session.run(["rain"], {"window": stack})
                clean = composite(planes(frames[n]), rain[0], codes(frames[n]))
                file.mux(encoder.encode(as_frame(clean, frames[n])))
                for held in (frames, packed):
                    held.pop(n - radius, None)
            file.mux(encoder.encode())


def whole_windows(decoded: Iterator[av.VideoFrame], frames: dict, radius: int) -> Iterator[tuple[int, int]]:
    """The number of each frame, once all frames that its window may hold are in `frames`, and how many frames
    there are, as far as is known.
    """
    done = 0
    for i in count():
        frame = next(decoded, None)
        if frame is not None:
            frames[i] = frame
        while done + radius < i or (frame is None and done < i):
            yield done, i
            done += 1
        if frame is None:
            return


def window(n: int, radius: int, length: int) -> list[int]:
    """The frames that a window shows around frame n: for a neighbour beyond the clip's ends the nearest frame
    stands in that is neither n nor the other one of its pair.
    """
    near = range(max(0, n - radius), min(length, n + radius + 1))

    def stand_in(side: int, other: int | None) -> int:
        others = [i for i in near if i not in (n, other)]
        return min(others, key=lambda i: (abs(i - n), side * (n - i)), default=n if other is None else other)

    before, after = [], []
    for d in range(1, radius + 1):
        pair = [i if i in near else None for i in (n - d, n + d)]
        if pair[0] is None:
            pair[0] = stand_in(-1, pair[1])
        if pair[1] is None:
            pair[1] = stand_in(1, pair[0])
        before.insert(0, pair[0])
        after.append(pair[1])
    return [*before, n, *after]


def codes(frame: av.VideoFrame) -> tuple:
    """What the codes of luma and chroma mean."""
    full = frame.color_range == 2 or frame.format.name == "yuvj420p"
    return (FULL_LUMA, FULL_CHROMA) if full else (LUMA, CHROMA)


def planes(frame: av.VideoFrame) -> list[np.ndarray]:
    """Y, Cb and Cr (rows, columns)."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    ]


def pack(yuv: list[np.ndarray], meaning: tuple) -> np.ndarray:
    """(6, h, w): the four phases of luma, Cb, Cr; odd sizes are continued by their edge."""
    luma = np.pad(yuv[0], [(0, size % 2) for size in yuv[0].shape], mode="edge")
    phases = [luma[y::2, x::2] for y in range(2) for x in range(2)]
    values = np.stack([*phases, *yuv[1:]]).astype(np.float32)
    for part, (zero, scale, _, _) in zip((values[:4], values[4:]), meaning, strict=True):
        part -= zero
        part /= np.float32(scale)
    return values


def pad(values: np.ndarray, multiple: int) -> np.ndarray:
    """Continued to the right and downwards to multiples: reflected, or by the edge if too small for that."""
    for axis in (2, 1):
        size = values.shape[axis]
        missing = -size % multiple
        width = [(0, missing if i == axis else 0) for i in range(3)]
        values = np.pad(values, width, mode="reflect" if missing < size else "edge")
    return values


def composite(yuv: list[np.ndarray], rain: np.ndarray, meaning: tuple) -> list[np.ndarray]:
    """The planes less the rain. Legal codes stay legal, and where there is no rain nothing changes."""
    rows, columns = yuv[0].shape
    luma = np.empty((2 * rain.shape[1], 2 * rain.shape[2]), np.float32)
    for i in range(4):
        luma[i // 2 :: 2, i % 2 :: 2] = rain[i]
    layers = [luma[:rows, :columns], *(plane[: -(-rows // 2), : -(-columns // 2)] for plane in rain[4:])]
    clean = []
    for i, (plane, layer) in enumerate(zip(yuv, layers, strict=True)):
        _, scale, low, high = meaning[i > 0]
        less = np.rint(plane.astype(np.float32) - layer * np.float32(scale))
        clean.append(np.clip(less, np.minimum(plane, low), np.maximum(plane, high)).astype(np.uint8))
    return clean


def as_frame(yuv: list[np.ndarray], source: av.VideoFrame) -> av.VideoFrame:
    """A frame with these planes, at the time of its source."""
    frame = av.VideoFrame(source.width, source.height, "yuv420p")
    for plane, values in zip(frame.planes, yuv, strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = values
        plane.update(rows)
    frame.pts, frame.time_base = source.pts, source.time_base
    return frame


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
