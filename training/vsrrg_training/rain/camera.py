"""How the camera of a clip moves, so that what is put into a scene can move with it."""

from __future__ import annotations

import torch
from torch import Tensor

from vsrrg_training.rain.photometry import luma


def camera_path(clip: Tensor) -> Tensor:
    """How far the scene of a clip (T, 3, H, W) has gone since its first frame: (T, 2) pixels, down and right.

    Global shifts between neighbours, by phase correlation (Kuglin and Hines, 1975); none where the frames
    have nothing in common.
    """
    frames, _, height, width = clip.shape
    window = torch.hann_window(height, device=clip.device)[:, None] * torch.hann_window(
        width, device=clip.device
    )
    bright = luma(clip)[:, 0]
    spectrum = torch.fft.rfft2((bright - bright.mean((1, 2), keepdim=True)) * window)
    cross = spectrum[1:] * spectrum[:-1].conj()
    peaks = torch.fft.irfft2(cross / cross.abs().clamp(min=1e-6), s=(height, width))
    path = torch.zeros(frames, 2, device=clip.device)
    for t, surface in enumerate(peaks):
        at = int(surface.argmax())
        y, x = divmod(at, width)
        shift = torch.tensor([_offset(surface[:, x], y), _offset(surface[y], x)], device=clip.device)
        sure = surface[y, x] > 5 * surface.std()
        path[t + 1] = path[t] + shift * sure
    return path


def _offset(line: Tensor, at: int) -> float:
    """The signed place of the peak of a periodic line, between its samples by a parabola."""
    size = len(line)
    left, middle, right = (line[(at + k) % size].item() for k in (-1, 0, 1))
    bend = left - 2 * middle + right
    between = 0.5 * (left - right) / bend if bend < -1e-9 else 0.0
    return (at if at <= size // 2 else at - size) + between
