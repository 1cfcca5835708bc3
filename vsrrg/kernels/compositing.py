"""Composite: source planes minus the rain layer, in the source's own format."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import pixel_shuffle

from vsrrg.errors import FormatError, OptionError
from vsrrg.kernels.packing import CB, CR, KB, KG, KR
from vsrrg.kernels.resample import regrid
from vsrrg.kernels.tensors import check_planes
from vsrrg.video import Codes, ColorSpec, PixelFormat, codes

Output = Literal["clean", "rain"]


def composite(
    planes: Sequence[Tensor],
    rain: Tensor,
    fmt: PixelFormat,
    color: ColorSpec,
    *,
    strength: float | Tensor = 1.0,
    output: Output = "clean",
) -> list[Tensor]:
    """The planes less `strength` times the rain layer, in new tensors of the same shapes and types.

    `rain` is finite, (6, ceil(H/2), ceil(W/2)), any float type, channels as those of `pack`; `strength` is a
    number or an (H, W) mask, averaged over each chroma sample. Computed in float32, integers rounded half to
    even. Legal samples stay legal: the result is clamped to the legal range, widened to contain the source
    sample. Where strength times rain is 0, the source's bits come back, illegal codes, NaN and -0.0 included.
    Chroma rain is repeated on grids finer than 4:2:0 and averaged on coarser ones.

    `output="rain"` gives the layer itself, strength applied: on black, with mid-grey chroma, clamped to the
    legal range.

    Raises:
        FormatError: planes, rain layer or mask do not fit the format.
        OptionError: an unknown output.
    """
    width, height = check_composite(planes, rain, fmt, strength, output)
    result = []
    for i, layer in enumerate(_layers(rain.to(torch.float32), fmt, width, height)):
        c = codes(fmt, color, i)
        delta = _weighted(layer, strength, c.scale, fmt, i, tuple(planes[i].shape))
        result.append(
            _show(planes[i], delta, fmt, c) if output == "rain" else _subtract(planes[i], delta, fmt, c)
        )
    return result


def check_composite(
    planes: Sequence[Tensor], rain: Tensor, fmt: PixelFormat, strength: float | Tensor, output: str
) -> tuple[int, int]:
    """(width, height) of the frame; raises what `composite` raises."""
    width, height = check_planes(planes, fmt)
    shape = (6, -(-height // 2), -(-width // 2))
    if tuple(rain.shape) != shape:
        raise FormatError(
            f"the rain layer of a {width}x{height} frame must be {shape}, but is {tuple(rain.shape)}"
        )
    if isinstance(strength, Tensor) and tuple(strength.shape) != (height, width):
        raise FormatError(
            f"a strength mask for a {width}x{height} frame must be ({height}, {width}), "
            f"but is {tuple(strength.shape)}"
        )
    if output not in ("clean", "rain"):
        raise OptionError(f"unknown output {output!r}; allowed are clean and rain")
    return width, height


def _layers(rain: Tensor, fmt: PixelFormat, width: int, height: int) -> list[Tensor]:
    """The nominal rain of every plane, in its shape."""
    luma = pixel_shuffle(rain[:4], 2)[0, :height, :width]
    if fmt.family == "gray":
        return [luma]
    chroma = regrid(rain[4:], (1, 1), (fmt.sub_w, fmt.sub_h), fmt.plane_shape(1, width, height))
    if fmt.family == "yuv":
        return [luma, chroma[0], chroma[1]]
    red = torch.add(luma, chroma[1], alpha=CR)
    blue = torch.add(luma, chroma[0], alpha=CB)
    green = torch.add(luma, chroma[0], alpha=-CB * KB / KG).add_(chroma[1], alpha=-CR * KR / KG)
    return [red, green, blue]


def _weighted(
    layer: Tensor,
    strength: float | Tensor,
    scale: float,
    fmt: PixelFormat,
    plane: int,
    shape: tuple[int, ...],
) -> Tensor:
    """The layer times strength, in codes."""
    if not isinstance(strength, Tensor):
        return layer * (strength * scale)
    mask = strength.to(layer.device, torch.float32)
    if plane > 0:
        mask = regrid(mask, (0, 0), (fmt.sub_w, fmt.sub_h), (shape[0], shape[1]))
    return (layer * mask).mul_(scale)


def _subtract(plane: Tensor, delta: Tensor, fmt: PixelFormat, c: Codes) -> Tensor:
    source = plane.to(torch.float32)
    clean = source - delta
    if fmt.sample == "integer":
        clean.round_()
    torch.maximum(clean, source.clamp(max=c.low), out=clean)
    torch.minimum(clean, source.clamp(min=c.high), out=clean)
    if fmt.sample == "integer":
        return clean.to(plane.dtype)
    return torch.where(delta == 0, plane, clean.to(plane.dtype))


def _show(plane: Tensor, delta: Tensor, fmt: PixelFormat, c: Codes) -> Tensor:
    shown = delta.add(c.zero)
    if fmt.sample == "integer":
        shown.round_()
    return shown.clamp_(c.low, c.high).to(plane.dtype)
