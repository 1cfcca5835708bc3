"""Pack and composite by the CUDA kernels where planes and CuPy allow it, by the torch reference elsewhere."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vsrrg.kernels import compositing, cuda, packing
from vsrrg.kernels.compositing import Output
from vsrrg.kernels.launcher import Unavailable, cupy_installed
from vsrrg.video import ColorSpec, PixelFormat


def pack(
    planes: Sequence[Tensor], fmt: PixelFormat, color: ColorSpec, *, dtype: torch.dtype = torch.float32
) -> Tensor:
    """The planes of a frame as the network sees them, see `vsrrg.kernels.packing.pack`."""
    if _on_one_gpu(planes):
        try:
            return cuda.pack(planes, fmt, color, dtype=dtype)
        except Unavailable:
            pass
    return packing.pack(planes, fmt, color, dtype=dtype)


def composite(
    planes: Sequence[Tensor],
    rain: Tensor,
    fmt: PixelFormat,
    color: ColorSpec,
    *,
    strength: float | Tensor = 1.0,
    output: Output = "clean",
) -> list[Tensor]:
    """The planes less `strength` times the rain layer, see `vsrrg.kernels.compositing.composite`."""
    if _on_one_gpu([*planes, rain]):
        try:
            return cuda.composite(planes, rain, fmt, color, strength=strength, output=output)
        except Unavailable:
            pass
    return compositing.composite(planes, rain, fmt, color, strength=strength, output=output)


def _on_one_gpu(tensors: Sequence[Tensor]) -> bool:
    # Tensors on several devices are left to the reference: torch says best what is wrong with them.
    devices = {tensor.device for tensor in tensors}
    return len(devices) == 1 and devices.pop().type == "cuda" and cupy_installed()
