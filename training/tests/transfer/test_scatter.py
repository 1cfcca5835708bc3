from dataclasses import replace
from random import Random

import pytest
import torch

from vsrrg_training.transfer.config import ScatterConfig
from vsrrg_training.transfer.scatter import Medium, _convolved, draw_medium, scatter, spread

MEDIUM = Medium(depth=1.0, near=1.0, forward=1.0, width=2.0, tail=1.0, stretch=1.0, angle=0.0, airlight=1.0)


def test_the_point_spread_keeps_light_and_has_the_tail_asked_for() -> None:
    short, long = spread(replace(MEDIUM, tail=2.0)), spread(replace(MEDIUM, tail=0.6))
    assert short.sum().item() == pytest.approx(1) and long.sum().item() == pytest.approx(1)
    middle = slice(8, 17)
    assert 1 - short[middle, middle].sum() < 0.01 < 0.2 < 1 - long[middle, middle].sum()


def test_the_point_spread_is_longer_along_the_fall() -> None:
    upright = spread(replace(MEDIUM, stretch=3.0))
    assert upright[12 + 6, 12].item() == pytest.approx(upright[12, 12 + 2].item())
    leaning = spread(replace(MEDIUM, stretch=3.0, angle=torch.pi / 4))
    assert leaning[12 + 4, 12 + 4] > 2 * leaning[12 + 4, 12 - 4]


def test_no_medium_changes_nothing_and_more_of_it_blurs_more() -> None:
    picture = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(0))
    distances = []
    for depth in (0.0, 0.5, 2.0):
        blurred, sharp = scatter(picture, replace(MEDIUM, depth=depth), torch.Generator().manual_seed(1))
        distances.append((blurred - sharp).square().mean().item())
        torch.testing.assert_close(sharp, picture, atol=1e-4, rtol=0)  # all light goes on forward
    assert distances[0] == pytest.approx(0, abs=1e-9) and 0 < 2 * distances[1] < distances[2]


def test_airlight_is_in_both_and_flat_surfaces_are_not_blurred() -> None:
    grey = torch.full((3, 40, 40), 0.2)
    grey[:, :4] = 1.0  # a bright tenth, whose light is scattered everywhere
    hazy = replace(MEDIUM, forward=0.5, depth=2.0)
    blurred, sharp = scatter(grey, hazy, torch.Generator().manual_seed(1))
    assert sharp[:, 30:].min() > 0.27
    torch.testing.assert_close(blurred[:, 30:], sharp[:, 30:], atol=1e-3, rtol=0)


def test_media_stay_in_their_ranges() -> None:
    config = ScatterConfig()
    media = [draw_medium(config, Random(n)) for n in range(200)]
    for name in ("depth", "forward", "width", "tail", "stretch"):
        low, high = getattr(config, name)
        values = [getattr(medium, name) for medium in media]
        assert (
            low <= min(values) < low + 0.1 * (high - low) and high - 0.1 * (high - low) < max(values) <= high
        )


def test_the_convolution_is_one() -> None:
    picture = torch.rand(3, 30, 36, generator=torch.Generator().manual_seed(0))
    kernel = spread(replace(MEDIUM, stretch=2.0, angle=0.5))
    padded = torch.nn.functional.pad(picture[:, None], (12,) * 4, mode="reflect")
    expected = torch.nn.functional.conv2d(padded, kernel.flip(0, 1)[None, None])[:, 0]
    torch.testing.assert_close(_convolved(picture, kernel), expected, atol=1e-5, rtol=0)
