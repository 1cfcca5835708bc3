"""Textures of smeared noise."""

import math
from dataclasses import replace

import pytest
import torch

from vsrrg_training.rain import TYPES
from vsrrg_training.rain.noise import Smear, editor_noise, sheets, smeared

ONE = Smear(seeds=1e-3, length=21.0, sigma=0.8, depth=0.4, angle=0.0, speed=None)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("degrees", [0.0, 30.0])
def test_a_seed_becomes_a_line(degrees: float) -> None:
    angle = math.radians(degrees)
    few = replace(ONE, seeds=1e-4, angle=angle, depth=1.0)
    lone = next(s for s in range(30) if (torch.rand(1, 101, 101, generator=seeded(s)) > 1 - 1e-4).sum() == 1)
    texture = smeared(few, 1, 101, 101, seeded(lone))[0]
    y, x = divmod(int(texture.argmax()), 101)
    # The texture is periodic: bring the line to the middle.
    line = torch.roll(texture, (50 - y, 50 - x), (0, 1))
    rows, columns = (line > 0.5 * line.max()).nonzero().float().T
    extent = math.hypot(float(rows.max() - rows.min()), float(columns.max() - columns.min()))
    assert extent == pytest.approx(21, abs=2)
    value = (torch.rand(1, 101, 101, generator=seeded(lone)).max() - (1 - 1e-4)) / 1e-4
    assert line.max() == pytest.approx(float(value) - 0.02, rel=0.1)


def test_a_moving_texture_is_the_same_one_shifted() -> None:
    texture = smeared(replace(ONE, speed=10.0), 3, 64, 48, seeded(0))
    assert texture.any()
    for t in (1, 2):
        assert torch.equal(texture[t], torch.roll(texture[0], 10 * t, 0))


def test_noise_is_drawn_anew_in_every_frame() -> None:
    texture = smeared(replace(ONE, seeds=0.01), 2, 64, 64, seeded(0))
    assert torch.corrcoef(texture.flatten(1))[0, 1].abs() < 0.1


def test_contrast_leaves_gaps_in_merging_streaks() -> None:
    merging = replace(ONE, seeds=0.2, length=60.0)
    veil, streaky = (smeared(replace(merging, contrast=c), 1, 96, 96, seeded(0)) for c in (0.0, 1.0))
    assert (veil == 0).float().mean() < 0.02
    assert 0.3 < (streaky == 0).float().mean() < 0.7


@pytest.mark.parametrize("maker", [editor_noise, sheets])
def test_layers_are_opacities_that_leave_something_to_see(maker: object) -> None:
    assert callable(maker)
    for seed in range(8):
        alpha = maker(TYPES["sheets"], torch.zeros(2, 3, 60, 80), seeded(seed)).alpha
        assert alpha.shape == (2, 60, 80)
        assert alpha.min() >= 0 and alpha.max() < 1
        assert 0.001 < alpha.mean() < 0.6


def test_in_a_single_picture_the_veil_of_sheets_is_rain() -> None:
    """Merging streaks lift the whole picture; in a clip their motion alone tells them from a veil."""

    def share_of_rainy_pixels(frames: int) -> float:
        scene = torch.full((frames, 3, 96, 96), 0.4)
        layers = [sheets(TYPES["sheets"], scene, seeded(seed)).alpha for seed in range(12)]
        return float(torch.stack([(layer[0] > 0.01).float().mean() for layer in layers]).mean())

    assert share_of_rainy_pixels(1) > 0.75 > 0.6 > share_of_rainy_pixels(3)
