"""Rain that has nothing in common with the generator that models are trained on: it shows how far they reach.

Drawn with OpenCV's lines and filters, as image libraries, editors and particle systems draw rain; added or
screened in the video's own codes. Nothing of it is ever trained on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vsrrg_training.rain.degrade import degrade

Layer = NDArray[np.float32]
"""(rows, columns) of light, 0..1."""
Point = tuple[float, float]
"""Column, row."""
Size = tuple[int, int, int]
"""Frames, rows, columns."""
Maker = Callable[[np.random.Generator, Size], Sequence[Layer]]

_SUBPIXELS = 4
"""Bits behind the point in the coordinates of OpenCV's lines."""


@dataclass(frozen=True, eq=False)
class ForeignClip:
    """A clip before and after rain: (T, 3, H, W), gamma R'G'B' in 0..1."""

    clean: Tensor
    rainy: Tensor


class ForeignRain:
    """Stands in for ``vsrrg_training.rain`` where scenes are made."""

    @property
    def RAIN_TYPES(self) -> Sequence[str]:
        return tuple(_MAKERS)

    def make_rainy(self, clean: Tensor, rain_type: str, generator: torch.Generator) -> ForeignClip:
        """Rain of a type falls on a clip (T, 3, H, W), R'G'B' in 0..1; the generator's state decides all."""
        seed = int(torch.randint(2**62, (), generator=generator))
        frames, _, height, width = clean.shape
        layers = _MAKERS[rain_type](np.random.default_rng(seed), (frames, height, width))
        light = torch.from_numpy(np.stack(layers))[:, None]
        rainy = clean + light * (0.9 - clean) if rain_type in _SCREENED else clean + 0.8 * light
        return ForeignClip(clean, rainy.clamp(0, 1))

    def degrade(self, rainy: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return degrade(rainy, clean, generator)


def _lines(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """One colour, width and direction, blurred as a whole: image libraries that augment training data."""
    angle = random.uniform(-12, 12)
    return [_soft(_strokes(random, size, 500, 20, angle, 1, 0.8), 0.8) for _ in range(size[0])]


def _noise(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """Noise, a threshold and a motion blur: the recipe for image editors."""
    frames, height, width = size
    angle, length = random.uniform(-20, 20), int(random.integers(20, 45))
    blur = _motion(length, angle)
    layers = []
    for _ in range(frames):
        coarse = random.standard_normal((height // 2 + 1, width // 2 + 1), dtype=np.float32)
        fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        smeared = cv2.filter2D((fine > 1.9).astype(np.float32), -1, blur)
        layers.append(np.asarray(np.clip(5 * smeared, 0, 0.8), np.float32))
    return layers


def _particles(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """Points that fall through a box before the camera, smeared by its shutter: particle systems."""
    frames, height, width = size
    count, lean = 500, np.tan(np.radians(random.uniform(-15, 15)))
    depth = random.uniform(1, 8, count)
    across, down = random.uniform(0, 1.3 * width, count), random.uniform(0, height + 200, count)
    speed, shutter = 170 / depth, random.uniform(0.3, 1.0)
    layers = []
    for t in range(frames):
        fallen = down + speed * t
        x = np.remainder(across + lean * fallen, 1.3 * width) - 0.15 * width
        y = np.remainder(fallen, height + 200) - 100
        layer = np.zeros((height, width), np.float32)
        for i in range(count):
            end = (x[i] + lean * speed[i] * shutter, y[i] + speed[i] * shutter)
            _line(layer, (x[i], y[i]), end, round(3 / depth[i]), 0.35 * min(1.0, 2.2 / depth[i]))
        layers.append(_soft(layer, 0.6))
    return layers


def _ripples(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """Near streaks whose brightness swings along them and is low in their middle, as drops are photographed.

    After Garg and Nayar, *Photorealistic Rendering of Rain Streaks*, 2006.
    """
    frames, height, width = size
    angle = random.uniform(-10, 10)
    layers = []
    for _ in range(frames):
        layer = np.zeros((height, width), np.float32)
        for _ in range(round(height * width * 4e-4)):
            _stamp(layer, _drop(random, angle), random)
        layers.append(layer)
    return layers


def _shower(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """Crowds of sharp lines and specks."""
    frames, height, width = size
    angle = random.uniform(-25, 25)
    layers = []
    for _ in range(frames):
        lines = _soft(_strokes(random, size, 900, 40, angle, 1, 0.4), 0.5)
        specks = _soft((random.random((height, width)) > 0.998).astype(np.float32), 0.6)
        layers.append(np.clip(lines + specks, 0, 0.8))
    return layers


def _scrolled(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """One large drawn picture of rain that slides over the clip: stock overlays."""
    frames, height, width = size
    angle = random.uniform(-30, 30)
    texture = _soft(_strokes(random, (1, 3 * height, 2 * width), 350, 55, angle, 1, 0.6), 0.8)
    fall = random.uniform(45, 90)
    steps = [(round(fall * t), round(np.tan(np.radians(angle)) * fall * t)) for t in range(frames)]
    return [np.roll(texture, step, (0, 1))[:height, :width] for step in steps]


def _near(random: np.random.Generator, size: Size) -> Sequence[Layer]:
    """A few blurred bars as wide as a finger before thin rain: drops right before the lens."""
    angle = random.uniform(-15, 15)
    layers = []
    for _ in range(size[0]):
        bars = [_strokes(random, size, 2, 200, angle, int(random.integers(6, 14)), 0.3) for _ in range(6)]
        thin = _strokes(random, size, 300, 40, angle, 1, 0.3)
        near = _soft(np.maximum.reduce(bars), 2)
        layers.append(near + _soft(thin, 0.7))
    return layers


_MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "lines": _lines,
        "noise": _noise,
        "particles": _particles,
        "ripples": _ripples,
        "shower": _shower,
        "scrolled": _scrolled,
        "near": _near,
    }
)
_SCREENED = frozenset({"lines", "noise"})


def _strokes(
    random: np.random.Generator,
    size: Size,
    count: float,
    length: float,
    angle: float,
    width: int,
    light: float,
) -> Layer:
    """Lines anywhere in a frame, `count` of them for 640x360; lengths, directions and light scatter."""
    _, height, columns = size
    layer = np.zeros((height, columns), np.float32)
    for _ in range(max(1, round(count * height * columns / (640 * 360)))):
        turned = np.radians(angle + random.normal(0, 2))
        reach = length * random.uniform(0.6, 1.4)
        x, y = random.uniform(-20, columns + 20), random.uniform(-reach, height)
        end = (x + np.sin(turned) * reach, y + np.cos(turned) * reach)
        _line(layer, (x, y), end, width, light * random.uniform(0.5, 1))
    return layer


def _soft(layer: Layer, sigma: float) -> Layer:
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), sigma), np.float32)


def _line(
    layer: Layer, start: tuple[float, float], end: tuple[float, float], width: int, light: float
) -> None:
    begin, finish = ([round(value * 2**_SUBPIXELS) for value in point] for point in (start, end))
    cv2.line(layer, begin, finish, light, max(1, width), cv2.LINE_8, _SUBPIXELS)


def _motion(length: int, angle: float) -> Layer:
    """A kernel that smears along a direction."""
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    x, y = np.sin(np.radians(angle)) * length / 2, np.cos(np.radians(angle)) * length / 2
    _line(kernel, (length - x, length - y), (length + x, length + y), 1, 1.0)
    return kernel / kernel.sum()


def _drop(random: np.random.Generator, angle: float) -> Layer:
    """One near streak, turned into its direction."""
    length, width = random.uniform(30, 140), random.uniform(1.2, 4.5)
    side = int(length + 6 * width) + 4
    across, along = np.meshgrid(np.arange(side) - side / 2, (np.arange(side) - side / 2) / length + 0.5)
    dip = 0.6 if width > 2.2 else 0.0
    across = (across / width) ** 2 / 2
    profile = np.exp(-across) * (1 - dip * np.exp(-across / 0.45**2))
    swings, phase = random.uniform(1, 6), random.uniform(0, 1)
    ripple = 0.65 + 0.35 * np.sin(2 * np.pi * (swings * along + 0.4 * np.sin(4 * np.pi * along) + phase))
    ends = np.clip(6 * np.minimum(along, 1 - along), 0, 1)
    drop = (random.uniform(0.12, 0.5) * profile * ripple * ends).astype(np.float32)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(drop, turn, (side, side)), np.float32)


def _stamp(layer: Layer, drop: Layer, random: np.random.Generator) -> None:
    """Add a square picture anywhere, cut off at the frame's edges."""
    (height, width), side = layer.shape, len(drop)
    top, left = int(random.integers(-side, height)), int(random.integers(-side, width))
    rows, columns = slice(max(0, top), top + side), slice(max(0, left), left + side)
    seen = layer[rows, columns]
    above, before = max(0, -top), max(0, -left)
    seen += drop[above : above + seen.shape[0], before : before + seen.shape[1]]
