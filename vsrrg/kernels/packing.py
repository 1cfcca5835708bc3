"""Pack: planes of any format to the six half-resolution channels that the network sees."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vsrrg.kernels.resample import regrid
from vsrrg.kernels.rows import bands
from vsrrg.kernels.tensors import check_planes
from vsrrg.video import ColorSpec, PixelFormat, codes

KR, KG, KB = 0.2126, 0.7152, 0.0722
"""Luma weights of BT.709, in which RGB is shown to the network."""
CB, CR = 2 * (1 - KB), 2 * (1 - KR)
"""B - Y and R - Y span -CB/2..CB/2 and -CR/2..CR/2."""


@torch.no_grad()
def pack(
    planes: Sequence[Tensor], fmt: PixelFormat, color: ColorSpec, *, dtype: torch.dtype = torch.float32
) -> Tensor:
    """The planes of a frame as (6, ceil(H/2), ceil(W/2)), contiguous, on the planes' device.

    Channels 0..3 are the luma phases top-left, top-right, bottom-left, bottom-right (`pixel_unshuffle(2)`),
    nominally 0..1; 4 and 5 are Cb and Cr on the 4:2:0 grid, nominally -0.5..0.5. Odd sizes are continued by
    their edge. Chroma finer than 4:2:0 is averaged over its 2x2 luma cell, coarser chroma is repeated, and
    gray has none (zeros). RGB becomes BT.709 Y'CbCr. Float samples that are not finite count as 0.

    Raises:
        FormatError: the planes do not fit the format.
    """
    width, height = check_planes(planes, fmt)
    shape = (6, -(-height // 2), -(-width // 2))
    out = torch.empty(shape, dtype=dtype, device=planes[0].device)
    for band in bands(fmt, width, height, out.device, copies=2 if fmt.family == "rgb" else 1):
        cut, target = band.cut(planes, fmt), out[:, band.cells]
        packed = target if dtype == torch.float32 else torch.empty_like(target, dtype=torch.float32)
        _pack(cut, fmt, color, packed)
        if packed is not target:
            target.copy_(packed)
    return out


def _pack(planes: Sequence[Tensor], fmt: PixelFormat, color: ColorSpec, out: Tensor) -> None:
    """Writes the float32 channels of a band."""
    shape = (out.shape[1], out.shape[2])
    if fmt.family == "rgb":
        red, green, blue = (
            _nominal(plane.to(torch.float32, copy=True), fmt, color, i) for i, plane in enumerate(planes)
        )
        luma = (KR * red).add_(green, alpha=KG).add_(blue, alpha=KB)
        _unshuffle(luma, out[:4])
        out[4] = regrid(blue.sub_(luma).div_(CB), (0, 0), (1, 1), shape)
        out[5] = regrid(red.sub_(luma).div_(CR), (0, 0), (1, 1), shape)
        return
    _unshuffle(planes[0], out[:4])
    _nominal(out[:4], fmt, color, 0)
    if fmt.family == "gray":
        out[4:].zero_()
    elif (fmt.sub_w, fmt.sub_h) == (1, 1):
        out[4], out[5] = planes[1], planes[2]
        _nominal(out[4:], fmt, color, 1)
    else:
        for i in (1, 2):
            chroma = _nominal(planes[i].to(torch.float32, copy=True), fmt, color, i)
            out[3 + i] = regrid(chroma, (fmt.sub_w, fmt.sub_h), (1, 1), shape)


def _nominal(samples: Tensor, fmt: PixelFormat, color: ColorSpec, plane: int) -> Tensor:
    """Turns float32 samples into nominal values, in place."""
    if fmt.sample == "float":
        return samples.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
    c = codes(fmt, color, plane)
    if c.zero:
        samples.sub_(c.zero)
    return samples.div_(c.scale)


def _unshuffle(luma: Tensor, out: Tensor) -> None:
    """Writes the four phases of (H, W) luma, converting to the type of `out`."""
    _, rows, cols = out.shape
    if luma.shape[0] % 2:
        luma = torch.cat([luma, luma[-1:]])
    if luma.shape[1] % 2:
        luma = torch.cat([luma, luma[:, -1:]], 1)
    out.view(2, 2, rows, cols).copy_(luma.view(rows, 2, cols, 2).permute(1, 3, 0, 2))
