"""Rainy clips and a contact sheet, to look at what the generator makes."""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from itertools import islice
from pathlib import Path
from random import Random

import cv2
import numpy as np
import torch

from vsrrg.files import write_whole
from vsrrg_training.config import RecipeError
from vsrrg_training.data.dataset import RainModel, default_rain
from vsrrg_training.data.motion import moving_still
from vsrrg_training.data.sources import Pixels
from vsrrg_training.data.yuv import Planes, planes_from_rgb, rgb_from_planes
from vsrrg_training.datasets.clips import Footage, read
from vsrrg_training.datasets.find import clean_footage


def synthesize(
    source: Path,
    folder: Path,
    *,
    frames: int = 48,
    seed: int = 0,
    fps: int = 25,
    types: Sequence[str] | None = None,
    rain: RainModel | None = None,
) -> list[Path]:
    """Write a rainy mp4 for each type from each clean clip or still, and a contact sheet; return the paths.

    The source is a video, a still, or a folder or data set of them. A still is panned over. The sheet of a
    clip has a row for each type: the whole clean and rainy frame, and the middle of the rainy one at twice
    its size. Raises RecipeError for an unreadable source and for unknown types.
    """
    rain = rain or default_rain()
    chosen = tuple(types or rain.RAIN_TYPES)
    unknown = set(chosen) - set(rain.RAIN_TYPES)
    if unknown:
        raise RecipeError(
            "training-unknown-name",
            f"rain types {sorted(unknown)} do not exist; there are {', '.join(rain.RAIN_TYPES)}",
        )
    if folder.resolve() == source.resolve():
        raise RecipeError(
            "target-is-source", f"{source} is what rain falls on: give another folder for the rainy clips"
        )
    written = []
    for name, footage in clean_footage(source).items():
        pixels = _pixels(footage, frames, seed)
        clean = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for kind in chosen:
            key = hashlib.sha256(f"synth:{seed}:{kind}".encode()).digest()
            generator = torch.Generator().manual_seed(int.from_bytes(key[:8], "little") >> 1)
            pair = rain.make_rainy(clean, kind, generator)
            clips = [planes_from_rgb(clip) for clip in rain.degrade(pair.rainy, pair.clean, generator)]
            written.append(folder / f"{name}-{kind}.mp4")
            write_video(clips[0], written[-1], fps)
            rows.append(_row(kind, *(rgb_from_planes(clip[len(clip) // 2]) for clip in clips)))
        written.append(folder / f"{name}-rain.png")
        _, sheet = cv2.imencode(".png", cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))
        write_whole(written[-1], sheet.tobytes(), parents=True)
    return written


def write_video(clip: Sequence[Planes], path: Path, fps: int) -> None:
    """Write 8-bit BT.709 limited 4:2:0 planes as high-quality H.264 in mp4, the whole file or none."""
    import av
    from av.video.reformatter import Colorspace

    height, width = clip[0][0].shape
    coded = BytesIO()
    with av.open(coded, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps), options={"crf": "14", "preset": "fast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for planes in clip:
            stacked = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
            frame = av.VideoFrame.from_ndarray(stacked, format="yuv420p")
            frame.colorspace = Colorspace.ITU709
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    write_whole(path, coded.getvalue(), parents=True)


def _pixels(footage: Footage, frames: int, seed: int) -> Pixels:
    """The first frames of a clip; of a still, a pan over it."""
    clip = np.stack(list(islice(read(footage), frames)))
    if len(clip) == 1:
        return moving_still(clip[0], frames, min(clip.shape[1:3]) // 8 * 8, 1.0, Random(seed))
    height, width = clip.shape[1:3]
    return clip[:, : height // 2 * 2, : width // 2 * 2]


def _row(kind: str, rainy: Pixels, clean: Pixels) -> Pixels:
    height, width = rainy.shape[:2]
    detail = rainy[height // 4 : height // 4 + height // 2, width // 4 : width // 4 + width // 2]
    detail = np.asarray(cv2.resize(detail, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    row = np.ascontiguousarray(np.concatenate((clean, rainy, detail), axis=1))
    cv2.putText(row, kind, (12, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 220, 0), 2, cv2.LINE_AA)
    return row
