"""Makes the pictures of the pages, a few minutes in all: python docs/pictures.py

Needs vsrrg-training, and what docs/screenshots.py needs. Diagrams (.svg) are drawn by hand.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import screenshots
import torch
from torch import Tensor

import vsrrg
from vsrrg.cli.picture import side_by_side
from vsrrg.models.alignment import estimate_motion, pyramid, warp_phases
from vsrrg_training.rain import RAIN_TYPES, RainyClip, make_rainy

type Image = np.ndarray[Any, np.dtype[np.uint8]]
"""RGB, (rows, columns, 3)."""

DEMO = screenshots.ROOT / "examples" / "rain-demo.mp4"
FRAME = 50
GAP = 4
"""Pixels between panels."""
SHOWN = 3
"""How much brighter than it is the rain layer is shown."""
DRAWS = 9
"""Of each type of rain, of which the third heaviest is shown."""


def frames(path: Path, count: int) -> list[Image]:
    """The first frames of a video."""
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="rgb24") for frame in islice(video.decode(video=0), count)]


def row(*panels: Image) -> Image:
    """Panels of one size side by side."""
    gap = np.full((panels[0].shape[0], GAP, 3), 255, np.uint8)
    joined = [part for panel in panels for part in (panel, gap)]
    return np.concatenate(joined[:-1], axis=1)


def save(name: str, image: Image, quality: int = 82) -> None:
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    assert cv2.imwrite(
        str(screenshots.IMAGES / f"{name}.jpg"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings
    )


def layer(rainy: Image, clean: Image) -> Image:
    """What was taken away, made brighter, on black."""
    taken = rainy.astype(int) - clean.astype(int)
    return np.clip(SHOWN * taken, 0, 255).astype(np.uint8)


def crop(image: Image, top: int, left: int, rows: int, columns: int, times: int = 1) -> Image:
    """A part, enlarged to squares."""
    part = image[top : top + rows, left : left + columns]
    return np.ascontiguousarray(part.repeat(times, 0).repeat(times, 1))


def medians(clip: list[Image]) -> tuple[Image, Image]:
    """The middle one of three frames as min(frame, median of the three), as they are and aligned; gray."""
    gray = (
        torch.from_numpy(np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip])).float() / 255
    )
    phases = torch.nn.functional.pixel_unshuffle(gray[:, None], 2)
    packed = torch.cat((phases, torch.zeros_like(phases[:, :2])), 1)
    before, centre, after = (pyramid(frame[None]) for frame in packed)
    moved = [warp_phases(side.full, estimate_motion(centre, side)) for side in (before, after)]

    def taken(one: torch.Tensor, other: torch.Tensor) -> Image:
        middle = torch.stack((one, phases[1:2], other)).median(0).values
        lowered = torch.nn.functional.pixel_shuffle(torch.minimum(phases[1:2], middle), 2)[0, 0]
        image = (lowered * 255).round().clamp(0, 255).byte().numpy()
        return np.repeat(image[..., None], 3, axis=-1)

    return taken(phases[:1], phases[2:]), taken(*moved)


def demo() -> None:
    """The demo clip: before and after, the rain layer, and what alignment is for."""
    rainy = frames(DEMO, FRAME + 8)
    clean = list(vsrrg.derain_frames(rainy[FRAME - 8 :], device="cpu"))[8]
    now = rainy[FRAME]
    save("before-after", side_by_side(now, clean), 85)
    part = (90, 150, 200, 320)
    save("rain-layer", row(*(crop(one, *part) for one in (now, layer(now, clean), clean))))
    plain, aligned = medians(rainy[FRAME - 1 : FRAME + 2])
    gray = np.repeat(cv2.cvtColor(now, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)
    part = (215, 460, 100, 160)
    save("alignment", row(*(crop(one, *part, 2) for one in (gray, plain, aligned))))


def scene(start: int, stop: int) -> Tensor:
    """Frames of the demo as they were before it rained, (N, 3, rows, columns) in 0..1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean.mp4"
        script = screenshots.ROOT / "examples" / "make_demo.py"
        subprocess.run([sys.executable, script, path, "--clean"], check=True)
        return torch.from_numpy(np.stack(frames(path, stop)[start:])).permute(0, 3, 1, 2).float() / 255


def rained(clean: Tensor, kind: str) -> RainyClip:
    """The third heaviest of several draws of rain on the scene."""
    drawn = [make_rainy(clean, kind, torch.Generator().manual_seed(seed)) for seed in range(DRAWS)]
    return sorted(drawn, key=lambda one: float((one.rainy - one.clean).square().mean()))[-3]


def shown(frame: Tensor) -> Image:
    """A frame (3, rows, columns) in 0..1."""
    image: Image = (frame.permute(1, 2, 0) * 255).round().clamp(0, 255).byte().numpy()
    return image


def rain_types() -> None:
    """Every type of rain on one clean frame of the demo."""
    clean = scene(FRAME, FRAME + 3)
    panels = [crop(shown(rained(clean, kind).rainy[1]), 80, 120, 200, 320) for kind in RAIN_TYPES]
    rows = [row(*panels[i : i + 3]) for i in range(0, len(panels) - len(panels) % 3, 3)]
    gap = np.full((GAP, rows[0].shape[1], 3), 255, np.uint8)
    save("rain-types", np.concatenate([part for one in rows for part in (one, gap)][:-1]), 76)


def main() -> None:
    demo()
    rain_types()
    screenshots.main()


if __name__ == "__main__":
    main()
