"""Whole rainy clips: seeds, photometry, night and the camera after the rain."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import Tensor

from vsrrg_training.rain import RAIN_TYPES, TYPES, degrade, make_rainy
from vsrrg_training.rain.photometry import blend, overlay
from vsrrg_training.rain.types import Looks

DRY = tuple(name for name, kind in TYPES.items() if kind.veil[1] == 0 and not kind.night)
"""Types that leave the scene itself alone."""


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def scene(frames: int = 2, height: int = 48, width: int = 64, seed: int = 9) -> Tensor:
    """A clip with texture, in the middle of the range."""
    return 0.2 + 0.4 * torch.rand(frames, 3, height, width, generator=seeded(seed))


@pytest.mark.parametrize("rain", RAIN_TYPES)
def test_a_seed_makes_the_same_clip(rain: str) -> None:
    first, again, other = (make_rainy(scene(), rain, seeded(seed)) for seed in (3, 3, 4))
    assert torch.equal(first.rainy, again.rainy)
    assert torch.equal(first.clean, again.clean)
    assert first.parameters == again.parameters
    assert not torch.equal(first.rainy, other.rainy)


def test_global_random_state_has_no_part_in_it() -> None:
    torch.manual_seed(1)
    first = make_rainy(scene(), "heavy", seeded(3)).rainy
    torch.manual_seed(2)
    assert torch.equal(first, make_rainy(scene(), "heavy", seeded(3)).rainy)


@pytest.mark.parametrize("rain", RAIN_TYPES)
@pytest.mark.parametrize("size", [(37, 51), (1, 1), (3, 90)])
def test_any_size_gives_legal_pictures(rain: str, size: tuple[int, int]) -> None:
    clip = make_rainy(scene(3, *size), rain, seeded(1))
    for pictures in (clip.clean, clip.rainy):
        assert pictures.shape == (3, 3, *size)
        assert pictures.isfinite().all()
        assert pictures.min() >= 0 and pictures.max() <= 1


def test_unknown_types_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown rain type 'hail'.*light.*night"):
        make_rainy(scene(), "hail", seeded(0))


@pytest.mark.parametrize("rain", DRY)
def test_the_scene_itself_stays_bit_for_bit(rain: str) -> None:
    clean = scene()
    kept = clean.clone()
    clip = make_rainy(clean, rain, seeded(2))
    assert torch.equal(clip.clean, kept)
    assert torch.equal(clean, kept)


def test_pixels_between_streaks_are_untouched() -> None:
    shares = []
    for seed in range(6):
        clip = make_rainy(scene(2, 96, 128), "light", seeded(seed))
        same = (clip.rainy == clip.clean).all(1)
        shares.append(same.float().mean().item())
    assert min(shares) > 0.1 and np.median(shares) > 0.6
    assert max(shares) < 1.0


@pytest.mark.parametrize("gamma", [1.0, 2.2])
def test_zero_alpha_returns_the_scene(gamma: float) -> None:
    clean = scene()
    alpha = (torch.rand(2, 1, 48, 64, generator=seeded(0)) > 0.5).float() * 0.4
    mixed = blend(clean, alpha, torch.full_like(clean, 0.9), gamma)
    dry = (alpha == 0).expand_as(clean)
    assert torch.equal(mixed[dry], clean[dry])
    assert (mixed[~dry] > clean[~dry]).all()


@pytest.mark.parametrize("gamma", [1.0, 2.2])
def test_bright_backgrounds_show_less_rain(gamma: float) -> None:
    background = torch.linspace(0.1, 0.95, 8).view(1, 1, 1, 8).expand(1, 3, 1, 8)
    effect = blend(background, torch.full((1, 1, 1, 8), 0.1), torch.tensor(1.3), gamma) - background
    assert (effect.diff(dim=-1) < 0).all()
    assert (effect > 0).all()


def test_blending_is_linear_in_light() -> None:
    mixed = blend(torch.full((1, 3, 1, 1), 0.25), torch.full((1, 1, 1, 1), 0.5), torch.tensor(0.75), 1.0)
    torch.testing.assert_close(mixed, torch.full((1, 3, 1, 1), 0.5))
    mixed = blend(torch.full((1, 3, 1, 1), 0.2), torch.full((1, 1, 1, 1), 0.5), torch.tensor(0.8), 2.0)
    torch.testing.assert_close(mixed, torch.full((1, 3, 1, 1), 0.34**0.5))


def test_rain_brightens_the_dark_half_more() -> None:
    clean = torch.full((2, 3, 60, 120), 0.15)
    clean[..., 60:] = 0.85
    dark, bright = 0.0, 0.0
    for seed in range(8):
        effect = make_rainy(clean, "oblique", seeded(seed)).rainy - clean
        dark, bright = dark + effect[..., :60].mean().item(), bright + effect[..., 60:].mean().item()
    assert dark > 0
    assert dark > 2 * bright


def test_night_darkens_scene_and_twin_alike() -> None:
    for seed in range(4):
        clip = make_rainy(scene(), "night", seeded(seed))
        assert clip.clean.mean() < 0.8 * scene().mean()
        dry = (clip.rainy == clip.clean).all(1).float().mean()
        assert dry > 0.2
        assert (clip.rainy - clip.clean).mean() > 0


def test_fog_is_in_both_twins() -> None:
    clean = torch.zeros(2, 3, 48, 64)
    clip = make_rainy(clean, "dense", seeded(0))
    assert clip.clean.min() > 0


def test_rain_is_nearly_grey() -> None:
    for seed in range(4):
        clip = make_rainy(scene() * 0.5, "heavy", seeded(seed))
        effect = (clip.rainy - clip.clean).mean((0, 2, 3))
        assert effect.max() < 1.5 * effect.min()


def test_the_camera_treats_equal_twins_equally() -> None:
    clean = scene()
    compressed = 0
    for seed in range(24):
        rainy, twin = degrade(clean.clone(), clean.clone(), seeded(seed))
        assert torch.equal(rainy, twin)
        codes = rainy * 255
        torch.testing.assert_close(codes, codes.round(), atol=1e-3, rtol=0)
        assert rainy.min() >= 0 and rainy.max() <= 1
        compressed += int((rainy - clean).abs().mean() > 0.03)
    assert compressed


def test_noise_cancels_in_the_difference() -> None:
    clean = scene(2, 40, 64)
    rainy = clean.clone()
    rainy[..., :8] += 0.2
    noisy = local = 0
    for seed in range(24):
        wet, dry = degrade(rainy, clean, seeded(seed))
        noisy += int((dry - clean).abs().mean() > 2 / 255)
        # Compression alone carries the rain's traces elsewhere.
        local += int(torch.equal(wet[..., 12:], dry[..., 12:]))
        assert (wet - dry)[..., 1:6].mean() > 0.15
    assert noisy > 4
    assert local > 12


def test_degraded_odd_sizes_keep_their_shape() -> None:
    clean = scene(3, 37, 51)
    for seed in range(12):
        rainy, twin = degrade(clean, clean * 0.9, seeded(seed))
        assert rainy.shape == twin.shape == clean.shape


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a type draw the given looks in every clip, and no others."""

    def set_looks(name: str, *looks: str) -> None:
        chances = {field.name: float(field.name in looks) for field in fields(Looks)}
        kind = replace(TYPES[name], looks=Looks(**chances), background=0.0, foreground=0.0)
        monkeypatch.setattr("vsrrg_training.rain.clip.find_type", {**TYPES, name: kind}.__getitem__)

    return set_looks


def effect(seed: int, level: float = 0.3, rain: str = "heavy") -> Tensor:
    clip = make_rainy(torch.full((2, 3, 96, 128), level), rain, seeded(seed))
    return clip.rainy - clip.clean


def test_plain_streaks_are_never_darker(always: Callable[..., None]) -> None:
    always("oblique")
    assert min(effect(seed, rain="oblique").min().item() for seed in range(6)) > -1e-6


@pytest.mark.parametrize("look", ["dark", "low"])
def test_some_streaks_are_darker_than_a_bright_sky(look: str, always: Callable[..., None]) -> None:
    always("oblique", look)
    darkest = [effect(seed, 0.9, "oblique").min().item() for seed in range(6)]
    assert np.median(darkest) < -0.05
    share = np.mean([(effect(seed, 0.9, "oblique") < -10 / 255).float().mean().item() for seed in range(6)])
    assert 0.002 < share < 0.3


def test_bright_rain_reaches_far_above_a_dark_ground(always: Callable[..., None]) -> None:
    always("oblique")
    plain = np.median([effect(seed, 0.1, "oblique").max().item() for seed in range(8)])
    always("oblique", "bright")
    bright = np.median([effect(seed, 0.1, "oblique").max().item() for seed in range(8)])
    assert bright > plain + 0.1
    assert bright > 150 / 255


def test_editors_blends_add_light_alone(always: Callable[..., None]) -> None:
    always("oblique", "overlay")
    modes = set()
    for seed in range(12):
        clip = make_rainy(scene(), "oblique", seeded(seed))
        assert (clip.rainy >= clip.clean).all()
        modes.add(clip.parameters["overlay"])
    assert modes == {"add", "screen", "lighten"}


def test_overlays_are_the_known_formulas() -> None:
    ground, layer = torch.full((1, 3, 1, 1), 0.4), torch.full((1, 1, 1, 1), 0.5)
    results = [overlay(ground, layer, mode).mean().item() for mode in ("add", "screen", "lighten")]
    assert results == pytest.approx([0.9, 0.7, 0.5])


@pytest.mark.parametrize(
    "look", ["noise", "tiles", "enlarged", "splashes", "flat", "bars", "smears", "gusts", "patches"]
)
def test_every_look_makes_rain(look: str, always: Callable[..., None]) -> None:
    always("oblique", look)
    changed = [(effect(seed, rain="oblique").abs() > 2 / 255).float().mean().item() for seed in range(5)]
    assert np.median(changed) > 0.005
    assert max(changed) < 0.6


def test_tiles_show_parts_of_one_texture(always: Callable[..., None]) -> None:
    always("oblique", "tiles")
    clip = make_rainy(scene(), "oblique", seeded(0))
    assert clip.parameters["layer"] == "tiles"
    assert not torch.equal(clip.rainy[0] - clip.clean[0], clip.rainy[1] - clip.clean[1])
