"""R'G'B' clips to BT.709 Y'CbCr 4:2:0 and back: packed for the network, or the 8-bit planes of a video."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, pixel_shuffle, pixel_unshuffle

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
"""Y (H, W), Cb and Cr (H/2, W/2); 8-bit, limited range."""

_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB


def pack_rgb(rgb: Tensor) -> Tensor:
    """Pack (..., 3, H, W) gamma R'G'B' in 0..1 (H, W even) to (..., 6, H/2, W/2).

    Equals `vsrrg.kernels.pack` of float RGB planes, for whole clips at once.
    """
    lead = rgb.shape[:-3]
    rgb = rgb.reshape(-1, *rgb.shape[-3:])
    red, green, blue = rgb.unbind(1)
    luma = _KR * red + _KG * green + _KB * blue
    chroma = torch.stack(((blue - luma) / (2 * (1 - _KB)), (red - luma) / (2 * (1 - _KR))), 1)
    packed = torch.cat((pixel_unshuffle(luma.unsqueeze(1), 2), avg_pool2d(chroma, 2)), 1)
    return packed.reshape(*lead, *packed.shape[-3:])


def planes_from_rgb(clip: Tensor) -> list[Planes]:
    """The frames of (T, 3, H, W) gamma R'G'B' in 0..1 (H, W even), rounded to 8 bits."""
    packed = pack_rgb(clip)
    luma = (16 + 219 * pixel_shuffle(packed[:, :4], 2)[:, 0]).round().clamp(0, 255).byte().numpy()
    chroma = (128 + 224 * packed[:, 4:]).round().clamp(0, 255).byte().numpy()
    return [(luma[i], chroma[i, 0], chroma[i, 1]) for i in range(len(luma))]


def rgb_from_packed(packed: Tensor) -> NDArray[np.uint8]:
    """Packed frames (N, 6, h, w) as (N, 2h, 2w, 3) R'G'B', for people."""
    luma = (16 + 219 * pixel_shuffle(packed[:, :4].float(), 2)[:, 0]).round().clamp(0, 255).byte().numpy()
    chroma = (128 + 224 * packed[:, 4:].float()).round().clamp(0, 255).byte().numpy()
    return np.stack([rgb_from_planes((y, cb, cr)) for y, (cb, cr) in zip(luma, chroma, strict=True)])


def rgb_from_planes(planes: Planes) -> NDArray[np.uint8]:
    """One frame as (H, W, 3) R'G'B', chroma interpolated linearly."""
    height, width = planes[0].shape
    luma = (planes[0].astype(np.float32) - 16) * (255 / 219)
    cb, cr = (
        (cv2.resize(plane.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) - 128)
        * (255 / 224)
        for plane in planes[1:]
    )
    red = luma + 2 * (1 - _KR) * cr
    blue = luma + 2 * (1 - _KB) * cb
    green = (luma - _KR * red - _KB * blue) / _KG
    return np.clip(np.rint(np.stack((red, green, blue), axis=-1)), 0, 255).astype(np.uint8)
