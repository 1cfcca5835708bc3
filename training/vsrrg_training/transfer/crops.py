"""Crops of real pictures: both classes pass through the same changes, so that only rain tells them apart."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from vsrrg_training.data.dataset import draws
from vsrrg_training.data.sources import Pixels
from vsrrg_training.data.yuv import pack_rgb
from vsrrg_training.transfer.config import RealConfig, ScatterConfig
from vsrrg_training.transfer.pictures import RealFootage, Split
from vsrrg_training.transfer.scatter import draw_medium, scatter


class Seen(NamedTuple):
    """One crop, or a batch of them with a leading dimension."""

    packed: Tensor
    """(6, h, w)."""
    sharp: Tensor
    """(6, h, w): the same without the blur of scattering; `packed` where none was added."""
    rainy: Tensor
    """() float: 1 for a picture of rain, 0 for one without."""


class RealCrops(Dataset[Seen]):
    """Endless crops: item i depends on (seed, i) alone.

    Args:
        rainy: share of crops with real rain.
        scattered: share of the rain-free crops that are blurred.
    """

    def __init__(
        self,
        footage: RealFootage,
        config: RealConfig,
        scatter: ScatterConfig,
        seed: int,
        *,
        rainy: float,
        scattered: float,
        split: Split = "learn",
    ) -> None:
        self.footage, self.config, self.scatter, self.seed = footage, config, scatter, seed
        self.rainy, self.scattered, self.split = rainy, scattered, split

    def __getitem__(self, index: int) -> Seen:
        random, generator = draws(f"{self.seed}:{self.split}:{index}")
        is_rainy = random.random() < self.rainy
        pictures = self.footage.rainy if is_rainy else self.footage.clean
        crop = cut(pictures[self.split].draw(random), self.config, random)
        rgb = jittered(crop, self.config.jitter, random)
        sharp = rgb
        if not is_rainy and random.random() < self.scattered:
            medium = draw_medium(self.scatter, random)
            rgb, sharp = scatter(rgb, medium, generator)
        noise = random.uniform(0.0, 0.015) * torch.randn(rgb.shape, generator=generator)
        rgb, sharp = (rgb + noise).clamp(0, 1), (sharp + noise).clamp(0, 1)
        return Seen(pack_rgb(rgb), pack_rgb(sharp), torch.tensor(float(is_rainy)))


def cut(picture: Pixels, config: RealConfig, random: Random) -> Pixels:
    """A random square of a picture, rescaled, mirrored in half of the cases and compressed as JPEG."""
    height, width = picture.shape[:2]
    side = min(round(config.crop / random.uniform(*config.scale)), height, width)
    top, left = random.randrange(height - side + 1), random.randrange(width - side + 1)
    square = np.ascontiguousarray(picture[top : top + side, left : left + side])
    method = cv2.INTER_AREA if side > config.crop else cv2.INTER_CUBIC
    square = np.asarray(cv2.resize(square, (config.crop, config.crop), interpolation=method), np.uint8)
    if random.random() < 0.5:
        square = np.ascontiguousarray(square[:, ::-1])
    quality = random.randint(*config.jpeg)
    _, encoded = cv2.imencode(".jpg", square[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)[:, :, ::-1]


def jittered(crop: Pixels, amount: float, random: Random) -> Tensor:
    """A crop (S, S, 3) as (3, S, S) in 0..1 with other exposure, contrast, gamma and colour.

    Rain comes with grey, flat light; strong changes keep a network from recognising that instead.
    """
    rgb = torch.from_numpy(np.ascontiguousarray(crop)).permute(2, 0, 1).float() / 255
    rgb = rgb ** (2 ** (amount * random.uniform(-0.6, 0.6)))
    grey = rgb.mean(0, keepdim=True)
    saturation = 0.0 if random.random() < 0.25 * amount else 1 + amount * random.uniform(-0.6, 0.3)
    rgb = grey.lerp(rgb, saturation)
    contrast, middle = 1 + amount * random.uniform(-0.5, 0.3), rgb.mean()
    rgb = (rgb - middle) * contrast + middle + amount * random.uniform(-0.15, 0.15)
    return rgb.clamp(0, 1)
