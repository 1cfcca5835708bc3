"""Alignment: known motion is found, rain does not mislead it, and stillness stays still."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from vsrrg.models.alignment import estimate_motion, pyramid, warp

HEIGHT, WIDTH = 128, 160


def texture(seed: int = 0, size: int = 320) -> Tensor:
    """Smooth noise (1, 1, size, size) in 0..1, with detail at several scales."""
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(1, 1, size, size)
    for cells, weight in ((10, 1.0), (40, 0.6), (110, 0.35)):
        noise = torch.rand(1, 1, cells, cells, generator=generator)
        total += weight * F.interpolate(noise, size=(size, size), mode="bicubic", align_corners=True)
    return (total - total.min()) / (total.max() - total.min())


def view(scene: Tensor, x: float, y: float) -> Tensor:
    """The packed luma (1, 6, h, w) of a window of the scene whose corner lies at (60 + x, 60 + y)."""
    flow = torch.tensor([60.0 + x, 60.0 + y]).view(1, 2, 1, 1).expand(1, 2, 80, 80)
    luma = warp(scene, flow, 1.0)[..., :HEIGHT, :WIDTH]
    return F.pad(F.pixel_unshuffle(luma, 2), (0, 0, 0, 0, 0, 2))


def motion(a: Tensor, b: Tensor) -> Tensor:
    """Motion in luma pixels, away from the edges, (2, rows, columns)."""
    return 2 * estimate_motion(pyramid(a), pyramid(b))[0, :, 3:-3, 3:-3]


@pytest.mark.parametrize(("x", "y"), [(3.0, 0.0), (-7.5, 4.0), (22.0, -13.0), (0.5, -0.25)])
def test_a_pan_is_found_to_a_fraction_of_a_pixel(x: float, y: float) -> None:
    scene = texture()
    found = motion(view(scene, x, y), view(scene, 0, 0))
    error = (found - torch.tensor([x, y]).view(2, 1, 1)).norm(dim=0)
    assert error.median() < 0.2
    assert error.quantile(0.8) < 0.6


def test_equal_frames_do_not_move() -> None:
    frame = view(texture(1), 0, 0)
    assert estimate_motion(pyramid(frame), pyramid(frame)).abs().max() < 1e-4


def test_flat_frames_do_not_move() -> None:
    frame = torch.full((1, 6, 16, 24), 0.3)
    flow = estimate_motion(pyramid(frame), pyramid(frame + 0.1))
    assert flow.isfinite().all() and flow.abs().max() < 1e-3


def test_rain_does_not_mislead_it() -> None:
    scene, generator = texture(2), torch.Generator().manual_seed(3)

    def rainy(frame: Tensor) -> Tensor:
        luma = F.pixel_shuffle(frame[:, :4], 2)
        for _ in range(60):
            column, row = (int(torch.randint(n, (), generator=generator)) for n in (WIDTH, HEIGHT - 20))
            luma[..., row : row + 20, column] += 0.3
        return F.pad(F.pixel_unshuffle(luma, 2), (0, 0, 0, 0, 0, 2))

    found = motion(rainy(view(scene, 5, -3)), rainy(view(scene, 0, 0)))
    error = (found - torch.tensor([5.0, -3.0]).view(2, 1, 1)).norm(dim=0)
    assert error.median() < 0.7
    assert error.quantile(0.9) < 2


def test_warping_by_the_motion_brings_the_neighbour_here() -> None:
    scene = texture(4)
    a, b = view(scene, 6.5, 2.0), view(scene, 0, 0)
    flow = estimate_motion(pyramid(a), pyramid(b))
    here, there = pyramid(a).full, pyramid(b).full

    def psnr(x: Tensor) -> float:
        return -10 * math.log10((x - here)[..., 24:-24, 24:-24].square().mean().item())

    assert psnr(warp(there, flow, 2.0)) > 40 > psnr(there) + 10


@pytest.mark.parametrize(("height", "width"), [(4, 4), (4, 20), (36, 8), (20, 28)])
def test_any_size_that_four_divides(height: int, width: int) -> None:
    frame = torch.rand(2, 6, height, width, generator=torch.Generator().manual_seed(5))
    scales = pyramid(frame)
    moved = warp(scales.full, estimate_motion(scales, pyramid(frame.flip(0))), 2.0)
    assert moved.shape == (2, 1, 2 * height, 2 * width) and moved.isfinite().all()


def test_rain_and_noise_do_not_move_a_still_scene() -> None:
    scene, generator = view(texture(4), 0, 0), torch.Generator().manual_seed(5)

    def shot() -> Tensor:
        luma = F.pixel_shuffle(scene[:, :4], 2)
        luma = luma + 0.01 * torch.randn(luma.shape, generator=generator)
        for _ in range(60):
            column, row = (int(torch.randint(n, (), generator=generator)) for n in (WIDTH, HEIGHT - 20))
            luma[..., row : row + 20, column] += 0.3
        return F.pad(F.pixel_unshuffle(luma, 2), (0, 0, 0, 0, 0, 2))

    found = motion(shot(), shot()).norm(dim=0)
    assert found.median() < 0.3
    assert found.quantile(0.9) < 0.6
