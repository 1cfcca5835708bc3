"""Frames, rain layers and masks in many memory layouts, and their comparison bit for bit."""

from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from tests.strategies import LIMITED, random_planes, seeds
from vsrrg.kernels.compositing import Output
from vsrrg.testing.strategies import colors
from vsrrg.video import ColorSpec, PixelFormat, codes

DTYPES = [torch.float16, torch.bfloat16, torch.float32]
# Rows of most formats are multiples of 16 bytes at 64 and 128 samples, of some at 40, of none at the others.
wide_sizes = st.tuples(st.integers(1, 37) | st.sampled_from([40, 64, 100, 128, 136]), st.integers(1, 11))
layouts = st.sampled_from(["dense", "padded", "aligned", "every other"])
outputs = st.sampled_from(["clean", "rain"])


def laid_out(plane: Tensor, layout: str) -> Tensor:
    """The same samples with another pitch."""
    if layout == "dense":
        return plane
    rows, cols = plane.shape
    step = 2 if layout == "every other" else 1
    gap = -cols % 16 if layout == "aligned" else 5
    room = torch.zeros(rows, step * cols + gap, dtype=plane.dtype)
    view = room[:, : step * cols : step]
    view.copy_(plane)
    return view


def some_planes(fmt: PixelFormat, width: int, height: int, seed: int, layout: str = "dense") -> list[Tensor]:
    """Planes of random bits; for odd seeds, of samples that are legal or not far from it."""
    planes = random_planes(fmt, width, height, seed)
    if seed % 2:
        rng = np.random.default_rng(seed)
        for i, plane in enumerate(planes):
            c = codes(fmt, LIMITED, i)
            samples = rng.uniform(c.low - 0.1 * c.scale, c.high + 0.1 * c.scale, plane.shape).clip(0, 65535)
            if fmt.sample == "integer":
                samples = samples.clip(0, fmt.peak).round()
            plane.copy_(torch.from_numpy(samples.astype(fmt.dtype)))
    return [laid_out(plane, layout) for plane in planes]


def some_rain(width: int, height: int, seed: int, dtype: torch.dtype, layout: str = "dense") -> Tensor:
    """A rain layer of which a third is zero, and a part too strong for any format."""
    rng = np.random.default_rng(seed)
    shape = (6, -(-height // 2), -(-width // 2))
    rain = rng.normal(0, 0.2, shape) * rng.choice([0.0, 1.0, 10.0], shape, p=[0.3, 0.6, 0.1])
    layer = torch.from_numpy(rain).to(dtype)
    if layout == "every other":
        return layer.permute(1, 2, 0).contiguous().permute(2, 0, 1)
    return torch.stack(list(layer)) if layout == "dense" else _stacked(layer, layout)


def _stacked(layer: Tensor, layout: str) -> Tensor:
    channels, rows, cols = layer.shape
    return laid_out(layer.reshape(channels * rows, cols), layout).unflatten(0, (channels, rows))


def some_strength(kind: str, width: int, height: int, seed: int) -> float | Tensor:
    if kind == "number":
        return [1.0, 0.37, 0.0, 1.7][seed % 4]
    rng = np.random.default_rng(seed)
    mask = rng.uniform(-0.5, 1.5, (height, width)).clip(0, 1)
    return torch.from_numpy(mask.astype(np.float32))


@dataclass(frozen=True)
class Example:
    """What a frame, its rain layer and the strength are made from."""

    fmt: PixelFormat
    color: ColorSpec
    size: tuple[int, int]
    seed: int
    layouts: tuple[str, str]
    """That of the planes and that of the rain layer."""
    dtype: torch.dtype
    """Of packed frame and rain layer."""
    strength_kind: str
    output: Output

    def planes(self) -> list[Tensor]:
        return some_planes(self.fmt, *self.size, self.seed, self.layouts[0])

    def rain(self) -> Tensor:
        return some_rain(*self.size, self.seed, self.dtype, self.layouts[1])

    def strength(self) -> float | Tensor:
        return some_strength(self.strength_kind, *self.size, self.seed)


def examples(
    formats: st.SearchStrategy[PixelFormat], sizes: st.SearchStrategy[tuple[int, int]]
) -> st.SearchStrategy[Example]:
    return st.builds(
        Example,
        formats,
        colors,
        sizes,
        seeds,
        st.tuples(layouts, layouts),
        st.sampled_from([*DTYPES, torch.float64]),
        st.sampled_from(["number", "number", "mask"]),
        outputs,
    )


def assert_same(actual: Tensor, expected: Tensor) -> None:
    """Every bit; but a NaN that arithmetic made is a NaN, whatever its payload."""
    assert actual.dtype == expected.dtype and actual.shape == expected.shape
    if expected.is_floating_point():
        lost = expected.isnan()
        assert torch.equal(actual.isnan(), lost)
        actual, expected = actual.masked_fill(lost, 0), expected.masked_fill(lost, 0)
    same = [t.flatten().view(torch.uint8) for t in (actual, expected)]
    assert torch.equal(*same), f"at {(actual != expected).nonzero()[:5].tolist()}: {actual}, not {expected}"
