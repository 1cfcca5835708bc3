import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import pixel_unshuffle

from tests.strategies import FULL, LIMITED, YUV420P8, constant_planes, random_planes, seeds, sizes
from vsrrg.errors import FormatError
from vsrrg.kernels import pack
from vsrrg.testing.strategies import ALL_FORMATS, colors
from vsrrg.video import ColorSpec, Family, PixelFormat, codes
from vsrrg.video.format import SUBSAMPLINGS


@given(st.sampled_from(ALL_FORMATS), colors, sizes, st.floats(0, 1), st.floats(-0.4, 0.4))
def test_a_constant_colour_stays_that_constant(
    fmt: PixelFormat, color: ColorSpec, size: tuple[int, int], luma: float, chroma: float
) -> None:
    width, height = size
    nominal = (luma, luma, luma) if fmt.family == "rgb" else (luma, chroma, -chroma)
    samples, exact = [], []
    for i in range(fmt.planes):
        c = codes(fmt, color, i)
        sample = c.zero + c.scale * nominal[i]
        samples.append(float(fmt.dtype.type(sample)) if fmt.sample == "float" else round(sample))
        exact.append((samples[i] - c.zero) / c.scale)
    if fmt.family != "yuv":
        exact = [exact[0], 0.0, 0.0]
    packed = pack(constant_planes(fmt, width, height, tuple(samples)), fmt, color)
    assert packed.shape == (6, -(-height // 2), -(-width // 2))
    assert packed.dtype == torch.float32 and packed.is_contiguous()
    expected = torch.tensor([exact[0]] * 4 + exact[1:])[:, None, None].expand_as(packed)
    torch.testing.assert_close(packed, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("bits", "range_", "samples", "nominal"),
    [
        (8, "limited", (16, 128, 240), (0.0, 0.0, 0.5)),
        (8, "limited", (235, 16, 128), (1.0, -0.5, 0.0)),
        (10, "limited", (940, 64, 960), (1.0, -0.5, 0.5)),
        (16, "limited", (235 << 8, 16 << 8, 240 << 8), (1.0, -0.5, 0.5)),
        (8, "full", (255, 128, 255), (1.0, 0.0, 127 / 255)),
        (10, "full", (0, 0, 512), (0.0, -512 / 1023, 0.0)),
        (16, "full", (65535, 32768, 0), (1.0, 0.0, -32768 / 65535)),
    ],
)
def test_codes_of_the_standards(
    bits: int, range_: str, samples: tuple[int, int, int], nominal: tuple[float, float, float]
) -> None:
    fmt = PixelFormat("yuv", bits, sub_w=1, sub_h=1)
    packed = pack(constant_planes(fmt, 2, 2, samples), fmt, ColorSpec("bt709", range_))
    torch.testing.assert_close(packed[3:, 0, 0], torch.tensor(nominal))


@pytest.mark.parametrize("fmt", [YUV420P8, PixelFormat("yuv", 12, sub_w=1, sub_h=1), PixelFormat("gray", 16)])
def test_luma_channels_are_those_of_pixel_unshuffle(fmt: PixelFormat) -> None:
    planes = random_planes(fmt, 10, 6, seed=0)
    luma = (planes[0].to(torch.float64) / fmt.peak).to(torch.float32)
    torch.testing.assert_close(pack(planes, fmt, FULL)[:4], pixel_unshuffle(luma[None], 2))


def test_odd_sizes_are_continued_by_their_edge() -> None:
    luma = torch.arange(15, dtype=torch.uint8).reshape(3, 5)
    packed = pack([luma], PixelFormat("gray", 8), FULL)
    padded = torch.from_numpy(np.pad(luma.numpy(), ((0, 1), (0, 1)), mode="edge")).to(torch.float32)
    torch.testing.assert_close(packed[:4], pixel_unshuffle(padded[None] / 255, 2))
    assert not packed[4:].any()


@given(st.sampled_from(list(SUBSAMPLINGS)), st.sampled_from([8, 10, 16]), sizes, seeds)
def test_chroma_is_averaged_over_the_cells_of_two_by_two_luma_samples(
    sub: tuple[int, int], bits: int, size: tuple[int, int], seed: int
) -> None:
    width, height = size
    fmt = PixelFormat("yuv", bits, "integer", *sub)
    planes = random_planes(fmt, width, height, seed)
    packed = pack(planes, fmt, LIMITED)
    for i in (1, 2):
        c = codes(fmt, LIMITED, i)
        full = planes[i].numpy().astype(np.float64).repeat(1 << sub[1], 0).repeat(1 << sub[0], 1)
        cells = np.pad(full[:height, :width], ((0, height % 2), (0, width % 2)), mode="edge")
        means = cells.reshape(cells.shape[0] // 2, 2, cells.shape[1] // 2, 2).mean((1, 3))
        expected = torch.from_numpy((means - c.zero) / c.scale).to(torch.float32)
        torch.testing.assert_close(packed[3 + i], expected, atol=1e-5, rtol=1e-6)


@pytest.mark.parametrize(
    ("rgb", "ycbcr"),
    [
        ((255, 0, 0), (0.2126, -0.2126 / 1.8556, 0.5)),
        ((0, 255, 0), (0.7152, -0.7152 / 1.8556, -0.7152 / 1.5748)),
        ((0, 0, 255), (0.0722, 0.5, -0.0722 / 1.5748)),
        ((255, 255, 255), (1.0, 0.0, 0.0)),
    ],
)
def test_rgb_becomes_bt709(rgb: tuple[int, int, int], ycbcr: tuple[float, float, float]) -> None:
    fmt = PixelFormat("rgb", 8)
    packed = pack(constant_planes(fmt, 3, 3, rgb), fmt, ColorSpec("rgb", "full"))
    torch.testing.assert_close(packed[3:, 1, 1], torch.tensor(ycbcr), atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("family", ["yuv", "rgb", "gray"])
def test_other_precisions_are_the_rounded_float32(family: Family, dtype: torch.dtype) -> None:
    fmt = PixelFormat(family, 8)
    planes = random_planes(fmt, 5, 4, seed=9)
    packed = pack(planes, fmt, LIMITED, dtype=dtype)
    assert packed.dtype == dtype and packed.is_contiguous()
    assert torch.equal(packed, pack(planes, fmt, LIMITED).to(dtype))


@pytest.mark.parametrize("family", ["yuv", "rgb", "gray"])
def test_samples_that_are_not_finite_count_as_zero(family: Family) -> None:
    fmt = PixelFormat(family, 32, "float")
    planes = [torch.full((2, 2), bad) for bad in (float("nan"), float("inf"), -float("inf"))]
    assert not pack(planes[: fmt.planes], fmt, LIMITED).any()


def test_planes_may_be_strided() -> None:
    packed_rgb = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8))
    fmt, color = PixelFormat("rgb", 8), ColorSpec("rgb", "full")
    views = [packed_rgb[..., i] for i in range(3)]
    assert torch.equal(pack(views, fmt, color), pack([v.contiguous() for v in views], fmt, color))


def test_planes_that_do_not_fit_are_refused() -> None:
    planes = random_planes(YUV420P8, 5, 5, seed=0)
    with pytest.raises(FormatError, match="3 planes, but 2 were given"):
        pack(planes[:2], YUV420P8, LIMITED)
    with pytest.raises(FormatError, match=r"plane 2 of a 5x5 yuv420p8 frame must be \(3, 3\)"):
        pack([planes[0], planes[1], planes[2][:2]], YUV420P8, LIMITED)
    with pytest.raises(FormatError, match=r"plane 1 holds torch\.uint16"):
        pack([planes[0], planes[1].to(torch.uint16), planes[2]], YUV420P8, LIMITED)
    with pytest.raises(FormatError, match="at least one sample"):
        pack([torch.zeros(0, 4, dtype=torch.uint8)], PixelFormat("gray", 8), LIMITED)
