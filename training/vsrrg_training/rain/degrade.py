"""What camera, codec and editing do to a clip after the rain has fallen."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg_training.rain.codec import compress, draw_codec
from vsrrg_training.rain.draw import chance, log_uniform, uniform

_SMALLEST = 32
"""No clip is shrunk below so many pixels."""


def degrade(rainy: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sensor noise, the camera's denoising and sharpening, compression, enlargement and 8-bit rounding of a
    clip and its rain-free twin, both (T, 3, H, W) in 0..1.

    The same noise lies on both, so that their difference is the rain alone: the network is taught to leave
    noise where it is.
    """
    height, width = rainy.shape[-2:]
    small = _smaller(height, width, generator) if chance(generator, 0.08) else (height, width)
    if small != (height, width):
        rainy, clean = (F.interpolate(clip, size=small, mode="area") for clip in (rainy, clean))
    if chance(generator, 0.6):
        noise = _noise(clean, generator)
        rainy, clean = rainy + noise, clean + noise
    if chance(generator, 0.15):
        amount = uniform(generator, 0.2, 1.0)
        rainy, clean = _softened(rainy, amount), _softened(clean, amount)
    if chance(generator, 0.08):
        amount = uniform(generator, 0.05, 0.25)
        rainy, clean = _smeared(rainy, amount), _smeared(clean, amount)
    if chance(generator, 0.3):
        amount = uniform(generator, 0.2, 1.0)
        rainy, clean = _sharpened(rainy, amount), _sharpened(clean, amount)
    rainy, clean = rainy.clamp(0, 1), clean.clamp(0, 1)
    if chance(generator, 0.3):
        codec, quality = draw_codec(generator)
        if min(small) >= codec.smallest:
            rainy, clean = compress(rainy, codec, quality), compress(clean, codec, quality)
    if small != (height, width):
        mode = "bicubic" if chance(generator, 0.7) else "bilinear"
        rainy, clean = (
            F.interpolate(clip, size=(height, width), mode=mode).clamp(0, 1) for clip in (rainy, clean)
        )
    return torch.round(rainy * 255) / 255, torch.round(clean * 255) / 255


def _smaller(height: int, width: int, generator: torch.Generator) -> tuple[int, int]:
    """The size of footage that was enlarged to this one, in both directions or, as fields are, upwards."""
    factor = uniform(generator, 1.2, 2.0)
    rows, columns = round(height / factor / 2) * 2, round(width / factor / 2) * 2
    if chance(generator, 0.3):
        columns = width
    return (rows, columns) if min(rows, columns) >= _SMALLEST else (height, width)


def _softened(clip: Tensor, amount: float) -> Tensor:
    return clip + amount * (_blurred(clip) - clip)


def _sharpened(clip: Tensor, amount: float) -> Tensor:
    return clip + amount * (clip - _blurred(clip))


def _blurred(clip: Tensor) -> Tensor:
    return F.avg_pool2d(F.pad(clip, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


def _smeared(clip: Tensor, amount: float) -> Tensor:
    """Temporal denoising: a share of each frame is the one before."""
    frames = [clip[0]]
    for frame in clip[1:]:
        frames.append(torch.lerp(frame, frames[-1], amount))
    return torch.stack(frames)


def _noise(scene: Tensor, generator: torch.Generator) -> Tensor:
    """Shot and read noise, mostly common to the three channels, sometimes softened by the camera's own
    filter; its colour often coarser than its brightness.
    """
    frames, _, height, width = scene.shape
    strength = log_uniform(generator, 0.0015, 0.02)
    device = generator.device
    grey = torch.randn(frames, 1, height, width, generator=generator, device=device)
    if chance(generator, 0.5):
        rows, columns = -(-height // 2), -(-width // 2)
        coarse = torch.randn(frames, 3, rows, columns, generator=generator, device=device)
        colour = F.interpolate(coarse, scale_factor=2.0, mode="nearest")[:, :, :height, :width]
    else:
        colour = torch.randn(frames, 3, height, width, generator=generator, device=device)
    noise = grey + uniform(generator, 0.0, 0.7) * colour
    if chance(generator, 0.4):
        noise = F.avg_pool2d(F.pad(noise, (1, 0, 1, 0), mode="replicate"), 2, stride=1) * 1.6
    return noise * strength * (0.4 + scene.clamp(0, 1).sqrt())
