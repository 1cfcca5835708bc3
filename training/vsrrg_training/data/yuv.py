"""R'G'B' clips to the network's packed Y'CbCr 4:2:0, BT.709."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pixel_unshuffle

_KR, _KB = 0.2126, 0.0722


def pack_rgb(rgb: Tensor) -> Tensor:
    """Pack (..., 3, H, W) gamma R'G'B' in 0..1 (H, W even) to (..., 6, H/2, W/2), as ``vsrrg.kernels.pack`` packs float RGB."""
    lead = rgb.shape[:-3]
    rgb = rgb.reshape(-1, *rgb.shape[-3:])
    red, green, blue = rgb.unbind(1)
    luma = _KR * red + (1 - _KR - _KB) * green + _KB * blue
    chroma = torch.stack(((blue - luma) / (2 * (1 - _KB)), (red - luma) / (2 * (1 - _KR))), 1)
    packed = torch.cat((pixel_unshuffle(luma.unsqueeze(1), 2), avg_pool2d(chroma, 2)), 1)
    return packed.reshape(*lead, *packed.shape[-3:])
