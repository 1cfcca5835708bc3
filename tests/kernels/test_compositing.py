import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import FULL, LIMITED, YUV420P8, bits_of, constant_planes, random_planes, seeds, sizes
from vsrrg.errors import FormatError, OptionError
from vsrrg.kernels import composite, pack
from vsrrg.testing.strategies import ALL_FORMATS, colors, formats
from vsrrg.video import ColorSpec, PixelFormat, codes


def rain_shape(width: int, height: int) -> tuple[int, int, int]:
    return 6, -(-height // 2), -(-width // 2)


def constant_rain(width: int, height: int, luma: float, cb: float = 0.0, cr: float = 0.0) -> torch.Tensor:
    rain = torch.full(rain_shape(width, height), luma)
    rain[4], rain[5] = cb, cr
    return rain


@pytest.mark.parametrize("fmt", ALL_FORMATS, ids=lambda fmt: fmt.name)
@pytest.mark.parametrize("rain", [0.0, -0.0])
def test_no_rain_returns_every_bit_in_every_format(fmt: PixelFormat, rain: float) -> None:
    planes = random_planes(fmt, 13, 7, seed=fmt.bits)
    clean = composite(planes, constant_rain(13, 7, rain, rain, rain), fmt, LIMITED)
    assert [bits_of(p) for p in clean] == [bits_of(p) for p in planes]


@settings(max_examples=200)
@given(formats, colors, sizes, seeds, st.sampled_from(["no rain", "strength 0", "empty mask"]))
def test_nothing_to_remove_returns_every_bit(
    fmt: PixelFormat, color: ColorSpec, size: tuple[int, int], seed: int, why: str
) -> None:
    width, height = size
    planes = random_planes(fmt, width, height, seed)
    rain = torch.randn(rain_shape(width, height), generator=torch.Generator().manual_seed(seed))
    strength: float | torch.Tensor = 1.0
    if why == "no rain":
        rain.zero_()
    else:
        strength = 0.0 if why == "strength 0" else torch.zeros(height, width)
    clean = composite(planes, rain, fmt, color, strength=strength)
    assert [bits_of(p) for p in clean] == [bits_of(p) for p in planes]


def test_negative_zero_and_nan_survive_a_layer_that_is_zero_there() -> None:
    fmt = PixelFormat("gray", 32, "float")
    plane = torch.tensor([[-0.0, float("nan"), -0.0, 0.5]])
    rain = torch.zeros(6, 1, 2)
    rain[1, 0, 1] = 0.25
    (clean,) = composite([plane], -rain.neg(), fmt, LIMITED)
    assert bits_of(clean[:, :3]) == bits_of(plane[:, :3])
    assert clean[0, 3] == 0.25


@settings(max_examples=150)
@given(formats, colors, sizes, st.sampled_from([-10.0, 10.0]))
def test_saturates_exactly_at_the_legal_ends(
    fmt: PixelFormat, color: ColorSpec, size: tuple[int, int], rain: float
) -> None:
    width, height = size
    planes = constant_planes(fmt, width, height, tuple(_middle(fmt, color, i) for i in range(fmt.planes)))
    layer = constant_rain(width, height, rain, 0.0 if fmt.family == "rgb" else rain)
    layer[5] = layer[4]
    for i, clean in enumerate(composite(planes, layer, fmt, color)):
        c = codes(fmt, color, i)
        assert torch.all(clean.to(torch.float64) == (c.low if rain > 0 else c.high))


def _middle(fmt: PixelFormat, color: ColorSpec, plane: int) -> float:
    c = codes(fmt, color, plane)
    return (c.low + c.high) / 2 if fmt.sample == "float" else (c.low + c.high) // 2


@settings(max_examples=150)
@given(formats, colors, sizes, seeds)
def test_legal_samples_stay_legal_and_illegal_ones_move_only_inwards(
    fmt: PixelFormat, color: ColorSpec, size: tuple[int, int], seed: int
) -> None:
    width, height = size
    planes = [p.nan_to_num() if p.is_floating_point() else p for p in random_planes(fmt, width, height, seed)]
    rain = 3 * torch.randn(rain_shape(width, height), generator=torch.Generator().manual_seed(seed))
    for i, (plane, clean) in enumerate(zip(planes, composite(planes, rain, fmt, color), strict=True)):
        c = codes(fmt, color, i)
        source, result = plane.to(torch.float64), clean.to(torch.float64)
        assert torch.all(result >= source.clamp(max=c.low))
        assert torch.all(result <= source.clamp(min=c.high))


STEPS = {
    (8, "limited"): 21.9,
    (8, "full"): 25.5,
    (10, "limited"): 87.6,
    (10, "full"): 102.3,
    (16, "limited"): 5606.4,
    (16, "full"): 6553.5,
}
"""Codes of a luma step of a tenth, as the standards say: 219 * 2^(bits - 8) / 10 and peak / 10."""


@pytest.mark.parametrize("matrix", ["smpte170m", "bt709", "bt2020nc"])
@pytest.mark.parametrize(("bits", "range_"), STEPS)
@pytest.mark.parametrize("sub", [(1, 1), (1, 0), (0, 0)])
def test_a_known_luma_step_lands_within_one_code(
    matrix: str, bits: int, range_: str, sub: tuple[int, int]
) -> None:
    fmt, color = PixelFormat("yuv", bits, "integer", *sub), ColorSpec(matrix, range_)
    source = 180 << (bits - 8)
    planes = constant_planes(fmt, 6, 4, (source, 100 << (bits - 8), 140 << (bits - 8)))
    luma, cb, cr = composite(planes, constant_rain(6, 4, 0.1), fmt, color)
    assert torch.all((luma.to(torch.float64) - (source - STEPS[bits, range_])).abs() <= 0.5 + 1e-3)
    assert bits_of(cb) == bits_of(planes[1]) and bits_of(cr) == bits_of(planes[2])


@pytest.mark.parametrize(("bits", "range_"), STEPS)
def test_a_known_luma_step_in_rgb_lands_within_one_code(bits: int, range_: str) -> None:
    fmt, color = PixelFormat("rgb", bits), ColorSpec("rgb", range_)
    source = [v << (bits - 8) for v in (200, 150, 90)]
    planes = constant_planes(fmt, 5, 3, tuple(source))
    rain = constant_rain(5, 3, 0.1)
    clean = composite(planes, rain, fmt, color)
    for value, plane in zip(source, clean, strict=True):
        assert torch.all((plane.to(torch.float64) - (value - STEPS[bits, range_])).abs() <= 0.5 + 1e-3)
    difference = pack(planes, fmt, color) - pack(clean, fmt, color)
    assert torch.allclose(difference, rain, atol=1.5 / codes(fmt, color, 0).scale)


@settings(max_examples=100)
@given(st.sampled_from([8, 9, 10, 12, 16]), colors, sizes, seeds, st.booleans())
def test_composite_undoes_a_packed_difference(
    bits: int, color: ColorSpec, size: tuple[int, int], seed: int, gray: bool
) -> None:
    fmt = PixelFormat("gray", bits) if gray else PixelFormat("yuv", bits, sub_w=1, sub_h=1)
    source, target = (_legal_planes(fmt, color, *size, seed + i) for i in range(2))
    clean = composite(source, pack(source, fmt, color) - pack(target, fmt, color), fmt, color)
    for wanted, got in zip(target, clean, strict=True):
        assert torch.all((wanted.to(torch.int64) - got.to(torch.int64)).abs() <= 1)


def _legal_planes(
    fmt: PixelFormat, color: ColorSpec, width: int, height: int, seed: int
) -> list[torch.Tensor]:
    rng = np.random.default_rng(seed)
    planes = []
    for i in range(fmt.planes):
        c = codes(fmt, color, i)
        shape = fmt.plane_shape(i, width, height)
        planes.append(torch.from_numpy(rng.integers(int(c.low), int(c.high) + 1, shape).astype(fmt.dtype)))
    return planes


def test_rgb_with_constant_cells_is_restored_to_its_target() -> None:
    fmt, color = PixelFormat("rgb", 8), ColorSpec("rgb", "full")
    rng = np.random.default_rng(5)
    source, target = (
        [torch.from_numpy(rng.integers(0, 256, (3, 4), np.uint8).repeat(2, 0).repeat(2, 1)) for _ in range(3)]
        for _ in range(2)
    )
    clean = composite(source, pack(source, fmt, color) - pack(target, fmt, color), fmt, color)
    assert all(torch.equal(a, b) for a, b in zip(clean, target, strict=True))


def test_luma_phases_go_back_to_their_places() -> None:
    rain = torch.zeros(6, 2, 2)
    rain[:4] = torch.arange(16).reshape(4, 2, 2) / 255
    (clean,) = composite([torch.full((3, 3), 100, dtype=torch.uint8)], rain, PixelFormat("gray", 8), FULL)
    assert (100 - clean.to(torch.int64)).tolist() == [[0, 4, 1], [8, 12, 9], [2, 6, 3]]


@pytest.mark.parametrize(
    ("sub", "expected"),
    [
        ((0, 0), [[10, 10, 20, 20, 40]] * 2 + [[30, 30, 50, 50, 60]]),
        ((1, 0), [[10, 20, 40]] * 2 + [[30, 50, 60]]),
        ((1, 1), [[10, 20, 40], [30, 50, 60]]),
        ((0, 1), [[10, 10, 20, 20, 40], [30, 30, 50, 50, 60]]),
        ((2, 0), [[15, 40]] * 2 + [[40, 60]]),
        ((2, 2), [[27.5, 50]]),
    ],
)
def test_chroma_rain_is_repeated_or_averaged(sub: tuple[int, int], expected: list[list[float]]) -> None:
    fmt = PixelFormat("yuv", 8, "integer", *sub)
    planes = constant_planes(fmt, 5, 3, (128, 128, 128))
    rain = torch.zeros(6, 2, 3)
    rain[4] = torch.tensor([[10, 20, 40], [30, 50, 60]]) / 255
    luma, cb, cr = composite(planes, rain, fmt, FULL)
    assert torch.equal(luma, planes[0]) and torch.equal(cr, planes[2])
    removed = 128 - cb.to(torch.float64)
    assert torch.all((removed - torch.tensor(expected)).abs() <= 0.5)


def test_rounds_half_to_even() -> None:
    assert 1 / 219 * 219 == 1.0
    plane = torch.tensor([[100, 101], [102, 103]], dtype=torch.uint8)
    rain = torch.full((6, 1, 1), 0.5)
    (clean,) = composite([plane], rain, PixelFormat("gray", 8), LIMITED, strength=1 / 219)
    assert clean.tolist() == [[100, 100], [102, 102]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_layers_give_the_same_within_their_precision(dtype: torch.dtype) -> None:
    planes = random_planes(YUV420P8, 10, 6, seed=1)
    rain = torch.rand(6, 3, 5) / 4
    for a, b in zip(
        composite(planes, rain, YUV420P8, LIMITED),
        composite(planes, rain.to(dtype), YUV420P8, LIMITED),
        strict=True,
    ):
        assert (a.to(torch.int64) - b.to(torch.int64)).abs().max() <= 1


def test_strength_scales_the_layer_and_a_mask_does_so_per_sample() -> None:
    planes = constant_planes(YUV420P8, 4, 2, (200, 128, 128))
    rain = constant_rain(4, 2, 0.2, 0.1)
    half = composite(planes, rain, YUV420P8, FULL, strength=0.5)
    assert [int(p[0, 0]) for p in half] == [200 - 26, 128 - 13, 128]  # 25.5 codes leave 174.5: half to even
    mask = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    luma, cb, cr = composite(planes, rain, YUV420P8, FULL, strength=mask)
    assert luma.tolist() == [[149, 200, 200, 200]] * 2
    assert cb.tolist() == [[115, 128]] and cr.tolist() == [[128, 128]]


@pytest.mark.parametrize("fmt", ALL_FORMATS, ids=lambda fmt: fmt.name)
def test_the_rain_output_is_the_layer_on_black(fmt: PixelFormat) -> None:
    planes = random_planes(fmt, 5, 3, seed=3)
    shown = composite(planes, constant_rain(5, 3, 0.25), fmt, LIMITED, strength=0.5, output="rain")
    for i, plane in enumerate(shown):
        c = codes(fmt, LIMITED, i)
        expected = c.zero if fmt.family == "yuv" and i else c.zero + 0.125 * c.scale
        assert plane.dtype == planes[i].dtype and plane.shape == planes[i].shape
        assert torch.all((plane.to(torch.float64) - expected).abs() <= (0 if fmt.sample == "float" else 0.5))


@pytest.mark.parametrize("rain", [-3.0, 3.0])
def test_the_rain_output_is_legal(rain: float) -> None:
    for fmt in ALL_FORMATS:
        layer = constant_rain(3, 3, rain, 0.0 if fmt.family == "rgb" else rain)
        shown = composite(random_planes(fmt, 3, 3, seed=6), layer, fmt, LIMITED, output="rain")
        for i, plane in enumerate(shown):
            c = codes(fmt, LIMITED, i)
            end = c.zero if fmt.family == "yuv" and i == 2 else c.high if rain > 0 else c.low
            assert torch.all(plane.to(torch.float64) == end)


def test_the_source_is_not_written_to() -> None:
    for fmt in ALL_FORMATS:
        planes = random_planes(fmt, 3, 3, seed=4)
        before = [bits_of(p) for p in planes]
        composite(planes, constant_rain(3, 3, 0.3, 0.1, -0.1), fmt, LIMITED)
        pack(planes, fmt, LIMITED)
        assert [bits_of(p) for p in planes] == before


def test_wrong_shapes_and_options_are_refused() -> None:
    planes = random_planes(YUV420P8, 4, 4, seed=0)
    rain = torch.zeros(6, 2, 2)
    with pytest.raises(FormatError, match=r"must be \(6, 2, 2\), but is \(6, 2, 3\)"):
        composite(planes, torch.zeros(6, 2, 3), YUV420P8, LIMITED)
    with pytest.raises(FormatError, match="strength mask"):
        composite(planes, rain, YUV420P8, LIMITED, strength=torch.ones(2, 2))
    with pytest.raises(FormatError, match="3 planes, but 1"):
        composite(planes[:1], rain, YUV420P8, LIMITED)
    with pytest.raises(OptionError, match="allowed are clean and rain"):
        composite(planes, rain, YUV420P8, LIMITED, output="mist")  # type: ignore[arg-type]


@pytest.mark.needs_cuda
def test_a_gpu_gives_the_same_planes() -> None:
    rain = torch.rand(rain_shape(13, 7)) / 3
    for fmt in ALL_FORMATS:
        planes = [p.nan_to_num() if p.is_floating_point() else p for p in random_planes(fmt, 13, 7, seed=2)]
        on_gpu = [p.cuda() for p in planes]
        tolerance = 1e-3 if fmt.sample == "float" else 1
        for a, b in zip(
            composite(planes, rain, fmt, LIMITED),
            composite(on_gpu, rain.cuda(), fmt, LIMITED),
            strict=True,
        ):
            torch.testing.assert_close(b.cpu().double(), a.double(), atol=tolerance, rtol=1e-5)
        packed = pack(on_gpu, fmt, LIMITED).cpu()
        torch.testing.assert_close(packed, pack(planes, fmt, LIMITED), atol=1e-6, rtol=1e-5)
