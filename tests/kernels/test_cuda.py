"""The CUDA kernels give what the torch reference gives, bit for bit: on the CPU, and on a GPU."""

import os

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.kernels.frames import (
    DTYPES,
    Example,
    assert_same,
    examples,
    some_planes,
    some_rain,
    some_strength,
    wide_sizes,
)
from tests.kernels.shim import Shim
from tests.strategies import FULL, LIMITED, YUV420P8, bits_of, random_planes
from vsrrg.errors import FormatError, OptionError
from vsrrg.kernels import compositing, cuda, launcher, packing
from vsrrg.kernels.compositing import Output
from vsrrg.kernels.launcher import Job
from vsrrg.testing.strategies import ALL_FORMATS
from vsrrg.video import ColorSpec, PixelFormat


def torch_fuses() -> bool:
    """Whether `torch.add` with alpha rounds once on this CPU, as with AVX2, and as the kernels do."""
    x = 1 + 2.0**-12
    return bool((torch.full((99,), -1.0).add(torch.full((99,), x), alpha=x) > 2.0**-11).all())


FUSES = torch_fuses()
ROUNDS_TWICE = pytest.mark.skip("torch rounds RGB twice on this CPU, which has no fused multiply-add")
FORMATS = [
    pytest.param(fmt, id=fmt.name, marks=() if FUSES or fmt.family != "rgb" else ROUNDS_TWICE)
    for fmt in ALL_FORMATS
]
formats = st.sampled_from([fmt for fmt in ALL_FORMATS if FUSES or fmt.family != "rgb"])


def check_pack(
    shim: Shim, planes: list[Tensor], fmt: PixelFormat, color: ColorSpec, dtype: torch.dtype
) -> None:
    packed = cuda.pack(planes, fmt, color, dtype=dtype, launch=shim.launch)
    assert packed.is_contiguous()
    assert_same(packed, packing.pack(planes, fmt, color, dtype=dtype))


def check_composite(
    shim: Shim,
    planes: list[Tensor],
    rain: Tensor,
    fmt: PixelFormat,
    color: ColorSpec,
    strength: float | Tensor,
    output: Output,
) -> None:
    actual = cuda.composite(planes, rain, fmt, color, strength=strength, output=output, launch=shim.launch)
    expected = compositing.composite(planes, rain, fmt, color, strength=strength, output=output)
    for a, b in zip(actual, expected, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(("width", "height"), [(128, 4), (71, 7), (70, 6)])
def test_every_format(shim: Shim, fmt: PixelFormat, width: int, height: int) -> None:
    for seed, color in enumerate((LIMITED, FULL)):
        planes = some_planes(fmt, width, height, seed + 2 * width)
        dtype = DTYPES[(fmt.bits + seed) % 3]
        check_pack(shim, planes, fmt, color, dtype)
        rain = some_rain(width, height, seed, dtype)
        for kind in ("number", "mask"):
            strength = some_strength(kind, width, height, seed)
            check_composite(shim, planes, rain, fmt, color, strength, "rain" if seed else "clean")


@settings(max_examples=150)
@given(examples(formats, wide_sizes))
def test_pack_is_the_reference(shim: Shim, one: Example) -> None:
    check_pack(shim, one.planes(), one.fmt, one.color, one.dtype)


@settings(max_examples=250)
@given(examples(formats, wide_sizes))
def test_composite_is_the_reference(shim: Shim, one: Example) -> None:
    check_composite(shim, one.planes(), one.rain(), one.fmt, one.color, one.strength(), one.output)


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_rain_returns_every_bit(shim: Shim, fmt: PixelFormat) -> None:
    for width, zero in ((128, 0.0), (13, -0.0)):
        planes = random_planes(fmt, width, 5, seed=fmt.bits)
        rain = torch.full((6, 3, -(-width // 2)), zero)
        clean = cuda.composite(planes, rain, fmt, LIMITED, launch=shim.launch)
        assert [bits_of(p) for p in clean] == [bits_of(p) for p in planes]


@pytest.mark.parametrize("fmt", FORMATS)
def test_whole_rows_are_moved_at_once_and_come_out_the_same(shim: Shim, fmt: PixelFormat) -> None:
    allowed = []

    def noting(name: str, threads: tuple[int, int, int], job: Job, device: torch.device) -> None:
        allowed.append(bool(job["aligned"]))
        shim.launch(name, threads, job, device)

    def never(name: str, threads: tuple[int, int, int], job: Job, device: torch.device) -> None:
        job["aligned"] = 0
        shim.launch(name, threads, job, device)

    planes = some_planes(fmt, 128, 6, seed=3)
    rain = some_rain(128, 6, 3, torch.float16)
    whole = [
        cuda.pack(planes, fmt, LIMITED, dtype=torch.float16, launch=noting),
        *cuda.composite(planes, rain, fmt, LIMITED, launch=noting),
    ]
    pieces = [
        cuda.pack(planes, fmt, LIMITED, dtype=torch.float16, launch=never),
        *cuda.composite(planes, rain, fmt, LIMITED, launch=never),
    ]
    assert allowed == [True, fmt.sub_w < 2]
    for a, b in zip(whole, pieces, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("layout", ["padded", "every other"])
def test_unaligned_rows_are_moved_in_pieces(shim: Shim, layout: str) -> None:
    def check(name: str, threads: tuple[int, int, int], job: Job, device: torch.device) -> None:
        assert not job["aligned"]

    planes = some_planes(YUV420P8, 128, 6, 3, layout)
    cuda.pack(planes, YUV420P8, LIMITED, launch=check)
    cuda.composite(planes, some_rain(128, 6, 3, torch.float16), YUV420P8, LIMITED, launch=check)
    if layout == "padded":
        dense = some_planes(YUV420P8, 128, 6, 3)
        cuda.composite(dense, some_rain(128, 6, 3, torch.float16, layout), YUV420P8, LIMITED, launch=check)


def test_rain_in_channels_last_is_laid_out_in_rows(shim: Shim) -> None:
    def check(name: str, threads: tuple[int, int, int], job: Job, device: torch.device) -> None:
        assert job["aligned"]

    rain = some_rain(128, 6, 3, torch.float16, "every other")
    assert rain.stride(2) == 6
    cuda.composite(some_planes(YUV420P8, 128, 6, 3), rain, YUV420P8, LIMITED, launch=check)


def test_the_job_is_the_struct(shim: Shim) -> None:
    assert shim.library.job_size() == cuda.JOB.itemsize


def test_the_shim_converts_halves_exactly(shim: Shim) -> None:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = np.isfinite(halves)
    widened = np.array([shim.library.widen_half(bits) for bits in range(1 << 16)], np.float32)
    np.testing.assert_array_equal(widened[finite], halves[finite].astype(np.float32))
    # Halfway between two halves, the halves themselves, and a bit more and less of each.
    steps = np.sort(halves[finite & ~np.signbit(halves)].astype(np.float32))
    ties = (steps[:-1] + steps[1:]) / 2
    ends = np.array([65519.996, 65520, 1e9, np.inf, 1e-45, 2.0**-25], np.float32)
    exact = np.concatenate([steps[::7], ties[::7], ends])
    for values in (exact, np.nextafter(exact, np.float32(0)), -exact):
        with np.errstate(over="ignore"):
            expected = values.astype(np.float16).view(np.uint16)
        assert [shim.library.narrow_half(float(v)) for v in values] == expected.tolist()


def test_wrong_shapes_and_options_are_refused(shim: Shim) -> None:
    planes = random_planes(YUV420P8, 4, 4, seed=0)
    with pytest.raises(FormatError, match="3 planes, but 1"):
        cuda.pack(planes[:1], YUV420P8, LIMITED, launch=shim.launch)
    with pytest.raises(FormatError, match=r"must be \(6, 2, 2\)"):
        cuda.composite(planes, torch.zeros(6, 2, 3), YUV420P8, LIMITED, launch=shim.launch)
    with pytest.raises(OptionError, match="allowed are clean and rain"):
        cuda.composite(planes, torch.zeros(6, 2, 2), YUV420P8, LIMITED, output="mist", launch=shim.launch)  # type: ignore[arg-type]


def need_cupy() -> None:
    if not launcher.cupy_installed():
        (pytest.fail if os.environ.get("VSRRG_REQUIRE_CUDA") == "1" else pytest.skip)("needs CuPy")


@pytest.mark.needs_cuda
@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("size", [(128, 6), (71, 7)])
def test_a_gpu_gives_the_same_bits(fmt: PixelFormat, size: tuple[int, int]) -> None:
    need_cupy()
    for seed, color in enumerate((LIMITED, FULL)):
        planes = some_planes(fmt, *size, seed)
        on_gpu = [plane.cuda() for plane in planes]
        dtype = DTYPES[(fmt.bits + seed) % 3]
        packed = cuda.pack(on_gpu, fmt, color, dtype=dtype)
        assert_same(packed.cpu(), packing.pack(planes, fmt, color, dtype=dtype))
        rain = some_rain(*size, seed, dtype)
        for kind in ("number", "mask"):
            strength = some_strength(kind, *size, seed)
            output: Output = "rain" if seed else "clean"
            actual = cuda.composite(on_gpu, rain.cuda(), fmt, color, strength=strength, output=output)
            expected = compositing.composite(planes, rain, fmt, color, strength=strength, output=output)
            for a, b in zip(actual, expected, strict=True):
                assert_same(a.cpu(), b)


@pytest.mark.needs_cuda
def test_kernels_run_on_torchs_current_stream() -> None:
    need_cupy()
    planes = random_planes(YUV420P8, 1280, 720, seed=5)
    expected = packing.pack(planes, YUV420P8, LIMITED)
    pinned = [plane.pin_memory() for plane in planes]
    for _ in range(10):
        with torch.cuda.stream(torch.cuda.Stream()):
            on_gpu = [plane.to("cuda", non_blocking=True) for plane in pinned]
            assert torch.equal(cuda.pack(on_gpu, YUV420P8, LIMITED).cpu(), expected)
