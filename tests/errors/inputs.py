"""The files that the examples mention, each made when one does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np

SIZE, FRAMES = (64, 48), 5
HEADER = b"YUV4MPEG2 W64 H48 F25:1 Ip C420\n"
PLANES = bytes(64 * 48 * 3 // 2)


def video(
    path: Path,
    codec: str = "ffv1",
    *,
    size: tuple[int, int] = SIZE,
    frames: int = FRAMES,
    times: list[int] | None = None,
    **options: str,
) -> None:
    """A gray clip at 25 fps."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for n in times if times is not None else range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 90 + n, np.uint8), "rgb24")
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))


def no_frames(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        container.start_encoding()


def unknown_codec(path: Path) -> None:
    video(path)
    path.write_bytes(path.read_bytes().replace(b"V_FFV1", b"V_ODD1"))


def odd_nut(path: Path) -> None:
    """Frames of raw video that are too long."""
    with av.open(str(path), "w", format="nut") as container:
        stream: Any = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for n in range(3):
            packet = av.Packet(PLANES + bytes(100))
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, n, n, True
            packet.time_base = stream.time_base
            container.mux(packet)


def weights(change: Callable[[dict[str, str], dict[str, Any]], None]) -> Callable[[Path], None]:
    """A maker of vsrrg's smallest weight file with another header or other tensors."""

    def make(path: Path) -> None:
        from safetensors import safe_open
        from safetensors.torch import save_file

        from vsrrg.models.registry import WEIGHTS

        with safe_open(WEIGHTS / "fast.safetensors", framework="pt") as file:
            header = dict(file.metadata())
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
        change(header, state)
        save_file(state, path, header)

    return make


def partial(path: Path) -> None:
    """A whole weight file whose network has more tensors than it brings."""
    from vsrrg.models.registry import WEIGHTS
    from vsrrg.models.weights import load_weights, save_weights

    whole = load_weights(WEIGHTS / "fast.safetensors")
    state = dict(list(whole.state.items())[1:])
    save_weights(path, state, config=whole.config, name=whole.name, version=whole.version, card=whole.card)


def other_tensors(path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"weight": np.zeros(3, np.float32)}, path)


def pickled(path: Path) -> None:
    import torch

    torch.save({"weight": torch.zeros(3)}, path)


def _edited(header: dict[str, str], state: dict[str, Any]) -> None:
    header["card"] = json.dumps({**json.loads(header["card"]), "description": "better than it is"})


def _future(header: dict[str, str], state: dict[str, Any]) -> None:
    header["vsrrg"] = "2"


def resized(path: Path) -> None:
    """A broadcast whose pictures become larger."""
    parts = [path.with_name(f"{width}.ts") for width in (64, 128)]
    for part, size in zip(parts, ((64, 48), (128, 96)), strict=True):
        video(part, "mpeg2video", size=size)
    path.write_bytes(b"".join(part.read_bytes() for part in parts))


FILES: dict[str, Callable[[Path], Any]] = {
    "rain.mp4": lambda path: video(path, "libx264"),
    "done.mkv": video,
    "part.mkv": lambda path: video(path, frames=3),
    "small.mkv": lambda path: video(path, size=(32, 24)),
    "jumping.mkv": lambda path: video(path, times=[0, 1, 2, 2, 2, 3, 4]),
    "stream.m3u8": lambda path: path.write_text("#EXTM3U\n#EXTINF:2,\npart1.ts\n"),
    "broadcast.ts": resized,
    "tape.y4m": lambda path: path.write_bytes(HEADER.replace(b"Ip", b"It") + 3 * (b"FRAME\n" + PLANES)),
    "long.mkv": lambda path: video(path, frames=60),
    "rain.h264": lambda path: video(path, "libx264"),
    "empty.avi": no_frames,
    "odd.mkv": unknown_codec,
    "song.wav": sound,
    "videos": Path.mkdir,
    "notes.txt": lambda path: path.write_text("Rain on Tuesday.\n"),
    "nothing.y4m": Path.touch,
    "cut.y4m": lambda path: path.write_bytes(HEADER + b"FRAME\n" + PLANES[:2000]),
    "broken.y4m": lambda path: path.write_bytes(HEADER + b"FRAME\n" + PLANES + b"Hello!\n" + PLANES),
    "odd.nut": odd_nut,
    "rain.yuv": lambda path: path.write_bytes(PLANES),
    "broken.safetensors": lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"),
    "edited.safetensors": weights(_edited),
    "future.safetensors": weights(_future),
    "partial.safetensors": partial,
    "other.safetensors": other_tensors,
    "old.safetensors": pickled,
}
