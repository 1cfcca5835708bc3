"""Where the gate of a weight file lies: how likely rain seems to a model in clips without and with rain.

The gate must keep rain-free frames as they are, so it lies above all of them; the price is rain that is
left because it seems less likely than that. It is chosen on footage that was trained on: clips kept for
validation must not decide it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vsrrg.engine.window import window
from vsrrg.models.rrgnet import RRGNet
from vsrrg_training.config import SMALLEST_CROP, RecipeError
from vsrrg_training.data.dataset import RainModel, default_rain, draws
from vsrrg_training.data.footage import load_videos
from vsrrg_training.data.sources import read_still
from vsrrg_training.data.yuv import pack_rgb
from vsrrg_training.datasets.find import clean_stills

PLACES = 4
"""Windows of a video: its start, and others spread over it."""
_MARGIN = 0.02
"""Between the likeliest rain-free clip and the gate."""
_SLOPE = 0.08
"""Between the gate and where the layer is whole."""
_LEAST = 0.3 / 255
"""Mean rain of a clip below which it counts neither as rainy nor as rain-free."""


@dataclass(frozen=True)
class Seen:
    """How likely rain seems (0..1) in each clip."""

    dry: list[float]
    wet: list[float]

    @property
    def gate(self) -> tuple[float, float]:
        """Probabilities up to which a frame is left as it is, and from which its layer is whole."""
        dry = min(max(self.dry) + _MARGIN, 1 - _SLOPE)
        return round(dry, 3), round(dry + _SLOPE, 3)

    def lost(self) -> float:
        """Share of the rainy clips that the gate leaves as they are."""
        return float(np.mean(np.array(self.wet) <= self.gate[0]))


def watch(
    network: RRGNet,
    footage: Path,
    *,
    pictures: bool = False,
    seed: int = 7,
    rain: RainModel | None = None,
    cache: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> Seen:
    """Show a model windows of a folder's videos, or with `pictures` each of its photographs, twice: without
    rain and with rain of a type drawn for each.

    Raises RecipeError for a model that does not tell, or a folder without footage that is long enough or on
    which rain shows.
    """
    part = network.picture if pictures else network.decoder.presence
    if part is None:
        asked = "model.picture channels" if pictures else "model.presence"
        raise RecipeError(
            "training-no-part", f"this model does not say whether it rains: train it with {asked}"
        )
    rain = rain or default_rain()
    network = deepcopy(network).eval().to(torch.bfloat16)
    seen = Seen([], [])
    clips = _pictures(footage) if pictures else _windows(footage, network.config.radius, cache)
    for name, clean, order in clips:
        random, generator = draws(f"gate:{seed}:{name}")
        pair = rain.make_rainy(clean, random.choice(list(rain.RAIN_TYPES)), generator)
        if float((pair.rainy - pair.clean).abs().mean()) >= _LEAST:
            seen.wet.append(_likelihood(network, pair.rainy, order))
        seen.dry.append(_likelihood(network, clean, order))
        if report:
            report(f"{name}: {seen.dry[-1]:.3f} without rain")
    if not seen.wet:
        raise RecipeError(
            "training-unfit-footage",
            f"nothing of {footage} could be judged: give clean videos of at least "
            f"{2 * network.config.radius + 1} frames, or photographs, of at least {SMALLEST_CROP}x"
            f"{SMALLEST_CROP} px, on which rain shows",
        )
    return seen


def table(seen: Seen) -> str:
    """Quantiles of both classes (Markdown), and the gate."""
    shares = (0, 0.01, 0.05, 0.5, 0.95, 0.99, 1)
    rows = [
        "| clips | least | 1 % | 5 % | median | 95 % | 99 % | most |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, values in (("without rain", seen.dry), ("with rain", seen.wet)):
        figures = " | ".join(f"{value:.3f}" for value in np.quantile(values, shares))
        rows.append(f"| {len(values)} {name} | {figures} |")
    dry, wet = seen.gate
    rows += ["", f"gate: {dry:g} {wet:g}; it leaves {seen.lost():.1%} of the rainy clips as they are"]
    return "\n".join(rows)


type _Shown = tuple[str, Tensor, Sequence[int]]
"""Name, clip (T, 3, H, W) in 0..1, and which of its frames make up the window."""


def _windows(given: Path, radius: int, cache: Path | None) -> Iterator[_Shown]:
    width = 2 * radius + 1
    for video in load_videos(given, cache):
        length = len(video.frames)
        if length < width or min(video.frames.shape[1:3]) < SMALLEST_CROP:
            continue
        for place in range(PLACES):
            start = (length - width) * place // (PLACES - 1)
            clip = _tensor(video.frames[start : start + width])
            centre = 0 if place == 0 else radius
            yield f"{video.name} {start}", clip, window(centre, radius, width, lambda _: False)


def _pictures(given: Path) -> Iterator[_Shown]:
    for path in clean_stills(given):
        picture = read_still(path)
        if min(picture.shape[:2]) >= SMALLEST_CROP:
            yield path.stem, _tensor(picture[None]), (0,)


def _tensor(pixels: Iterable[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> Tensor:
    clip = np.stack([frame[: frame.shape[0] // 8 * 8, : frame.shape[1] // 8 * 8] for frame in pixels])
    return torch.from_numpy(clip).permute(0, 3, 1, 2).float() / 255


@torch.inference_mode()
def _likelihood(network: RRGNet, clip: Tensor, order: Sequence[int]) -> float:
    packed = pack_rgb((clip * 255).round() / 255)
    if len(order) == 1:
        assert network.picture
        _, logit = network.picture(packed)
    else:
        encoded = [network.encode(frame[None]) for frame in packed]
        _, logit = network.predict([encoded[n] for n in order])
    return float(torch.sigmoid(logit))
