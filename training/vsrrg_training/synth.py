"""Rainy clips and a contact sheet, to look at what the generator makes."""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from random import Random

import cv2
import numpy as np
import torch

from vsrrg_training.config import RecipeError
from vsrrg_training.data.dataset import RainModel, default_rain
from vsrrg_training.data.motion import moving_still
from vsrrg_training.data.sources import STILL_SUFFIXES, Pixels, decode_video, read_still
from vsrrg_training.data.yuv import Planes, planes_from_rgb, rgb_from_planes


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
    """Write a rainy mp4 for each type from a clean video or still, and a contact sheet; return the paths.

    A still is panned over. The sheet has a row for each type: the whole clean and rainy frame, and the middle
    of the rainy one at twice its size. Raises RecipeError for an unreadable source and for unknown types.
    """
    rain = rain or default_rain()
    chosen = tuple(types or rain.RAIN_TYPES)
    unknown = set(chosen) - set(rain.RAIN_TYPES)
    if unknown:
        raise RecipeError(
            f"rain types {sorted(unknown)} do not exist; there are {', '.join(rain.RAIN_TYPES)}"
        )
    clean = torch.from_numpy(_footage(source, frames, seed)).permute(0, 3, 1, 2).float() / 255
    folder.mkdir(parents=True, exist_ok=True)
    written, rows = [], []
    for kind in chosen:
        key = hashlib.sha256(f"synth:{seed}:{kind}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(key[:8], "little") >> 1)
        pair = rain.make_rainy(clean, kind, generator)
        rainy, dry = rain.degrade(pair.rainy, pair.clean, generator)
        clips = planes_from_rgb(rainy), planes_from_rgb(dry)
        path = folder / f"{source.stem}-{kind}.mp4"
        write_video(clips[0], path, fps)
        written.append(path)
        rows.append(_row(kind, *(rgb_from_planes(clip[len(clip) // 2]) for clip in clips)))
    sheet = folder / f"{source.stem}-rain.png"
    cv2.imwrite(str(sheet), cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))
    return [*written, sheet]


def write_video(clip: Sequence[Planes], path: Path, fps: int) -> None:
    """Write 8-bit BT.709 limited 4:2:0 planes as high-quality H.264."""
    import av
    from av.video.reformatter import Colorspace

    height, width = clip[0][0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps), options={"crf": "14", "preset": "fast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for planes in clip:
            stacked = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
            frame = av.VideoFrame.from_ndarray(stacked, format="yuv420p")
            frame.colorspace = Colorspace.ITU709
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _footage(source: Path, frames: int, seed: int) -> Pixels:
    if source.suffix.lower() in STILL_SUFFIXES:
        image = read_still(source)
        return moving_still(image, frames, min(image.shape[:2]) // 8 * 8, 1.0, Random(seed))
    clip = decode_video(source, frames)
    height, width = clip.shape[1:3]
    return clip[:, : height // 2 * 2, : width // 2 * 2]


def _row(kind: str, rainy: Pixels, clean: Pixels) -> Pixels:
    height, width = rainy.shape[:2]
    detail = rainy[height // 4 : height // 4 + height // 2, width // 4 : width // 4 + width // 2]
    detail = np.asarray(cv2.resize(detail, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    row = np.ascontiguousarray(np.concatenate((clean, rainy, detail), axis=1))
    cv2.putText(row, kind, (12, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 220, 0), 2, cv2.LINE_AA)
    return row
