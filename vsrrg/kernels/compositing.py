"""Composite: source planes minus the rain layer, in the source's own format."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from vsrrg.errors import FormatError, OptionError
from vsrrg.kernels.packing import CB, CR, KB, KG, KR
from vsrrg.kernels.resample import interleave, regrid
from vsrrg.kernels.rows import bands
from vsrrg.kernels.tensors import check_planes
from vsrrg.video import Codes, ColorSpec, PixelFormat, codes

Output = Literal["clean", "rain"]


@torch.no_grad()
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
    result = [
        torch.empty((len(group), *group[0].shape), dtype=group[0].dtype, device=group[0].device)
        for group in _alike(planes, fmt)
    ]
    for band in bands(fmt, width, height, planes[0].device, copies=4):
        source = _alike(band.cut(planes, fmt), fmt)
        layers = _layers(rain[:, band.cells].to(torch.float32), fmt, width, band.stop - band.start)
        amount = strength[band.rows(0)] if isinstance(strength, Tensor) else strength
        for i, out in enumerate(band.cut(result, fmt)):
            c, sub = codes(fmt, color, i), (fmt.sub_w, fmt.sub_h) if i else (0, 0)
            # Popped, so that what comes next is written to the layer's memory, which the cache holds.
            delta = _weighted(layers.pop(0), amount, c.scale, sub)
            if output == "rain":
                _show(delta, fmt, c, out)
            else:
                _subtract(_stack(source[i]), delta, fmt, c, out)
    return [plane for stack in result for plane in stack]


def check_composite(
    planes: Sequence[Tensor], rain: Tensor, fmt: PixelFormat, strength: float | Tensor, output: str
) -> tuple[int, int]:
    """(width, height) of the frame; raises what `composite` raises."""
    width, height = check_planes(planes, fmt)
    shape = (6, -(-height // 2), -(-width // 2))
    if tuple(rain.shape) != shape:
        raise FormatError(
            "plane-shape",
            f"the rain layer of a {width}x{height} frame must be {shape}, but is {tuple(rain.shape)}",
        )
    if isinstance(strength, Tensor) and tuple(strength.shape) != (height, width):
        raise FormatError(
            "invalid-mask",
            f"a strength mask for a {width}x{height} frame must be ({height}, {width}), "
            f"but is {tuple(strength.shape)}",
        )
    if output not in ("clean", "rain"):
        raise OptionError("unknown-output", f"unknown output {output!r}; allowed are clean and rain")
    return width, height


def _alike(planes: Sequence[Tensor], fmt: PixelFormat) -> list[Sequence[Tensor]]:
    """The planes in stacks of the same shape and codes: luma and chroma, or red, green and blue."""
    return [planes[:1], planes[1:]] if fmt.family == "yuv" else [planes]


def _stack(planes: Sequence[Tensor]) -> Tensor:
    """(planes, rows, cols); a single plane is not copied."""
    return planes[0][None] if len(planes) == 1 else torch.stack(list(planes))


def _layers(rain: Tensor, fmt: PixelFormat, width: int, height: int) -> list[Tensor]:
    """The nominal rain of every stack of planes, in its shape; may be a part of `rain`."""
    luma = interleave(rain[0:4:2].transpose(0, 1), rain[1:4:2].transpose(0, 1)).flatten(0, 1)
    luma = luma[:height, :width]
    if fmt.family == "gray":
        return [luma[None]]
    chroma = regrid(rain[4:], (1, 1), (fmt.sub_w, fmt.sub_h), fmt.plane_shape(1, width, height))
    if fmt.family == "yuv":
        return [luma[None], chroma]
    rgb = torch.empty((3, height, width), device=rain.device)
    torch.add(luma, chroma[1], alpha=CR, out=rgb[0])
    torch.add(luma, chroma[0], alpha=-CB * KB / KG, out=rgb[1]).add_(chroma[1], alpha=-CR * KR / KG)
    torch.add(luma, chroma[0], alpha=CB, out=rgb[2])
    return [rgb]


def _weighted(layer: Tensor, strength: float | Tensor, scale: float, sub: tuple[int, int]) -> Tensor:
    """The layer times strength, in codes, in new and contiguous memory."""
    delta = torch.empty(layer.shape, device=layer.device)
    if not isinstance(strength, Tensor):
        return torch.mul(layer, strength * scale, out=delta)
    mask = strength.to(layer.device, torch.float32)
    mask = regrid(mask, (0, 0), sub, (layer.shape[1], layer.shape[2]))
    return torch.mul(layer, mask, out=delta).mul_(scale)


def _subtract(planes: Tensor, delta: Tensor, fmt: PixelFormat, c: Codes, out: Tensor) -> None:
    if fmt.sample == "integer" and fmt.bits == 8:
        # Bytes are limited as bytes, of which a register holds four times as many.
        _store(planes.to(torch.float32).sub_(delta).round_().clamp_(0, fmt.peak), out)
        _limit(out, planes, int(c.low), int(c.high))
        return
    source = planes.to(torch.float32)
    clean = source - delta
    if fmt.sample == "integer":
        out.copy_(_limit(clean.round_(), source, c.low, c.high))
    else:
        _choose(delta, _limit(clean, source, c.low, c.high).to(planes.dtype), planes, out)


def _limit(clean: Tensor, source: Tensor, low: float, high: float) -> Tensor:
    """Clamps in place to the legal range, widened to contain the source sample."""
    return torch.clamp(clean, source.clamp(max=low), source.clamp(min=high), out=clean)


def _choose(delta: Tensor, clean: Tensor, source: Tensor, out: Tensor) -> None:
    """Writes `clean` where delta is not 0, and `source` where it is."""
    # By bits: torch.where takes sample by sample, and several times as long where zeros are scattered.
    bits = torch.int16 if out.element_size() == 2 else torch.int32
    rainy = delta.bool().to(bits).neg_()
    change = clean.view(bits).bitwise_xor(source.view(bits)).bitwise_and_(rainy)
    torch.bitwise_xor(source.view(bits), change, out=out.view(bits))


def _show(delta: Tensor, fmt: PixelFormat, c: Codes, out: Tensor) -> None:
    shown = delta.add_(c.zero)
    if fmt.sample == "integer":
        shown.round_()
    _store(shown.clamp_(c.low, c.high), out)


def _store(samples: Tensor, out: Tensor) -> None:
    # Torch makes bytes of floats one by one, but of small integers, and these of floats, many at once.
    out.copy_(samples.to(torch.int16) if out.dtype == torch.uint8 else samples)
