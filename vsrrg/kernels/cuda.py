"""Pack and composite by kernels.cu: the arguments and the results stay torch's, on the planes' device."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from vsrrg.kernels import launcher
from vsrrg.kernels.compositing import Output, check_composite
from vsrrg.kernels.launcher import Job
from vsrrg.kernels.tensors import check_planes
from vsrrg.video import ColorSpec, PixelFormat, codes

type Launch = Callable[[str, tuple[int, int, int], Job, torch.device], None]
"""Runs the kernel of a name with as many threads (x, y, z), or more."""

SAMPLES = {
    torch.uint8: "unsigned char",
    torch.uint16: "unsigned short",
    torch.float16: "Half",
    torch.float32: "float",
}
"""The kernels' types of samples."""
REALS = {torch.float16: "Half", torch.bfloat16: "BFloat16", torch.float32: "float"}
"""The kernels' types of packed channels and rain layers."""

CELLS = 8
"""Cells of 2x2 luma samples that a thread packs; it composites twice as many samples."""
_FAMILIES = {"gray": 0, "yuv": 1, "rgb": 2}
_VIEW = np.dtype([("data", "u8"), ("row", "i8"), ("col", "i8"), ("width", "i4"), ("height", "i4")])
_CODES = np.dtype([("zero", "f4"), ("scale", "f4"), ("low", "f4"), ("high", "f4")])
JOB = np.dtype(
    [
        ("planes", _VIEW, 3),
        ("result", _VIEW, 3),
        ("packed", _VIEW),
        ("mask", _VIEW),
        ("channel", "i8"),
        ("codes", _CODES, 3),
        ("factor", "f4", 3),
        ("family", "i4"),
        ("sub_w", "i4"),
        ("sub_h", "i4"),
        ("show_rain", "i4"),
        ("aligned", "i4"),
    ],
    align=True,
)
"""The struct Job of kernels.cu, field by field."""


def pack(
    planes: Sequence[Tensor],
    fmt: PixelFormat,
    color: ColorSpec,
    *,
    dtype: torch.dtype = torch.float32,
    launch: Launch = launcher.launch,
) -> Tensor:
    """What `vsrrg.kernels.packing.pack` returns, bit for bit.

    Raises:
        FormatError: the planes do not fit the format.
        Unavailable: the kernel does not compile here.
    """
    width, height = check_planes(planes, fmt)
    if dtype not in REALS:
        return pack(planes, fmt, color, launch=launch).to(dtype)
    rows, cols = -(-height // 2), -(-width // 2)
    packed = torch.empty((6, rows, cols), dtype=dtype, device=planes[0].device)
    job = _job(planes, packed, fmt, color)
    name = f"pack<{SAMPLES[planes[0].dtype]}, {REALS[dtype]}>"
    launch(name, (-(-cols // CELLS), rows, 1), job, packed.device)
    return packed


def composite(
    planes: Sequence[Tensor],
    rain: Tensor,
    fmt: PixelFormat,
    color: ColorSpec,
    *,
    strength: float | Tensor = 1.0,
    output: Output = "clean",
    launch: Launch = launcher.launch,
) -> list[Tensor]:
    """What `vsrrg.kernels.compositing.composite` returns, bit for bit.

    Raises:
        FormatError: planes, rain layer or mask do not fit the format.
        OptionError: an unknown output.
        Unavailable: the kernel does not compile here.
    """
    width, height = check_composite(planes, rain, fmt, strength, output)
    if rain.dtype not in REALS:
        rain = rain.to(torch.float32)
    if rain.stride(2) != 1:  # As networks in channels_last give it; the kernel's wide loads need rows.
        rain = rain.contiguous()
    result = [torch.empty(plane.shape, dtype=plane.dtype, device=plane.device) for plane in planes]
    job = _job(planes, rain, fmt, color)
    for i, plane in enumerate(result):
        job["result"][i] = _view(plane)
    if isinstance(strength, Tensor):
        mask = strength.to(rain.device, torch.float32)
        job["mask"] = _view(mask)
    else:
        job["factor"] = [strength * scale for scale in job["codes"]["scale"].tolist()]
    job["show_rain"] = output == "rain"
    # Cells that a sample of 4:1:x chroma covers may end beyond the rain layer.
    job["aligned"] &= not isinstance(strength, Tensor) and fmt.sub_w < 2 and all(map(_aligned, result))
    name = f"composite<{SAMPLES[planes[0].dtype]}, {REALS[rain.dtype]}>"
    launch(name, (-(-width // (2 * CELLS)), height, fmt.planes), job, rain.device)
    return result


def _job(planes: Sequence[Tensor], packed: Tensor, fmt: PixelFormat, color: ColorSpec) -> Job:
    """What both kernels want to know."""
    job = np.zeros((), JOB)
    for i, plane in enumerate(planes):
        job["planes"][i] = _view(plane)
        c = codes(fmt, color, i)
        job["codes"][i] = c.zero, c.scale, c.low, c.high
    job["packed"] = _view(packed[0])
    job["channel"] = packed.stride(0)
    job["family"], job["sub_w"], job["sub_h"] = _FAMILIES[fmt.family], fmt.sub_w, fmt.sub_h
    job["aligned"] = all(map(_aligned, (*planes, *packed)))
    return job


def _view(plane: Tensor) -> tuple[int, int, int, int, int]:
    (row, col), (height, width) = plane.stride(), plane.shape
    return plane.data_ptr(), row, col, width, height


def _aligned(plane: Tensor) -> bool:
    """Whether a thread may move 16 bytes at once: rows have no gaps and start at multiples of 16 bytes."""
    row, col = plane.stride()
    return col == 1 and plane.data_ptr() % 16 == 0 and row * plane.element_size() % 16 == 0
