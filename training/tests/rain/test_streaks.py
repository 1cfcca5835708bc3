"""The drawn rain layer has the direction, size, motion and density that were asked for."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vsrrg_training.rain.population import Population, smears
from vsrrg_training.rain.streaks import opacity

Layer = NDArray[np.float64]

PLAIN = Population(
    density=300.0,
    length=24.0,
    sigma=0.55,
    alpha=0.3,
    angle=0.0,
    angle_spread=0.0,
    depth_ratio=1.0,
    exposure=0.5,
    coherent=True,
    drift=0.0,
    convergence=0.0,
)
"""Streaks of one depth, parallel and vertical; only their sizes scatter."""


def layers(
    population: Population, *, frames: int = 1, size: tuple[int, int] = (240, 320), seed: int = 0
) -> Layer:
    """Optical depth (frames, rows, columns), which adds up where streaks cross."""
    drawn = opacity(population, frames, *size, torch.Generator().manual_seed(seed))
    return -np.log1p(-drawn.double().numpy())


def single(population: Population, frames: int = 1) -> list[Layer]:
    """Clips with one streak each that lies whole inside every frame."""
    found = []
    lone = replace(population, density=1e-3)
    for seed in range(60):
        clip = layers(lone, frames=frames, size=(160, 160), seed=seed)
        inner = clip[:, 3:-3, 3:-3].sum((1, 2))
        if inner.min() > 0 and np.allclose(inner, clip.sum((1, 2)), rtol=1e-6):
            found.append(clip)
    assert len(found) >= 8
    return found


def centroid(layer: Layer) -> tuple[float, float]:
    rows, columns = np.indices(layer.shape)
    return float((columns * layer).sum() / layer.sum()), float((rows * layer).sum() / layer.sum())


def extent(layer: Layer) -> float:
    """Length of the one streak in a layer, whatever its direction: where it exceeds a tenth of its peak."""
    rows, columns = np.nonzero(layer > 0.1 * layer.max())
    return float(np.hypot(np.ptp(rows), np.ptp(columns)))


def streaks(layer: Layer, floor: float = 0.03) -> NDArray[np.int32]:
    """Bounding boxes (x, y, width, height) of the connected streaks that do not touch the border."""
    mask = (layer > floor).astype(np.uint8)
    boxes = np.asarray(cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, :4], np.int32)
    right, bottom = boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    inside = (boxes[:, 0] > 0) & (boxes[:, 1] > 0) & (right < layer.shape[1]) & (bottom < layer.shape[0])
    return np.asarray(boxes[inside], np.int32)


def direction(layer: Layer) -> float:
    """Angle from the vertical, in degrees, along which the layer changes least (structure tensor)."""
    # Finite differences are true to the direction only where the layer is smooth.
    down, across = np.gradient(cv2.GaussianBlur(layer, (0, 0), 2.0))
    tensor = np.array([[(across**2).sum(), (across * down).sum()], [(across * down).sum(), (down**2).sum()]])
    along = np.linalg.eigh(tensor)[1][:, 0]
    return math.degrees(math.atan(along[0] / along[1]))


@pytest.mark.parametrize("degrees", [-55.0, -12.0, 0.0, 25.0, 60.0])
def test_streaks_run_along_the_angle(degrees: float) -> None:
    population = replace(PLAIN, density=2000.0, angle=math.radians(degrees))
    assert direction(layers(population)[0]) == pytest.approx(degrees, abs=3.0)


def test_the_angle_turns_from_left_to_right() -> None:
    population = replace(PLAIN, density=4000.0, convergence=math.radians(40.0), length=16.0)
    layer = layers(population, size=(240, 480))[0]
    left, right = direction(layer[:, :120]), direction(layer[:, -120:])
    assert right - left == pytest.approx(26.0, abs=8.0)


@pytest.mark.parametrize("length", [12.0, 24.0, 48.0])
def test_median_length_is_the_one_asked_for(length: float) -> None:
    heights = np.concatenate(
        [
            streaks(layers(replace(PLAIN, length=length, density=250.0), size=(480, 640), seed=seed)[0])[:, 3]
            for seed in range(3)
        ]
    )
    assert len(heights) > 60
    assert np.median(heights) == pytest.approx(length, rel=0.15, abs=1.5)


@pytest.mark.parametrize("sigma", [0.35, 0.42, 0.48])
def test_cross_section_is_the_lens_and_the_drop(sigma: float) -> None:
    spreads = []
    for clip in single(replace(PLAIN, sigma=sigma)):
        profile = clip[0].sum(0)
        offsets = np.arange(len(profile)) - centroid(clip[0])[0]
        spreads.append(float((profile * offsets**2).sum() / profile.sum()))
    assert math.sqrt(np.mean(spreads)) == pytest.approx(math.hypot(sigma, 0.33), rel=0.1)


def test_default_cross_section_looks_like_published_rain() -> None:
    profiles = []
    for clip in single(PLAIN):
        profile = clip[0].sum(0)
        peak = int(profile.argmax())
        profiles.append(profile[peak - 2 : peak + 3] / profile[peak])
    mean = np.mean(profiles, axis=0)
    beside, two_away = (mean[1] + mean[3]) / 2, (mean[0] + mean[4]) / 2
    assert 0.2 < beside < 0.45
    assert two_away < 0.08


@pytest.mark.parametrize("degrees", [0.0, 35.0])
def test_axis_opacity_is_the_one_asked_for(degrees: float) -> None:
    population = replace(PLAIN, sigma=0.5, density=150.0, angle=math.radians(degrees))
    depths = []
    for seed in range(4):
        layer = layers(population, size=(480, 640), seed=seed)[0]
        for x, y, width, height in streaks(layer):
            rows = layer[y : y + height, max(0, x - 2) : x + width + 2].sum(1)
            # A row cuts a slanted Gaussian at an angle: its sum is longer by 1 / cos.
            area = math.hypot(0.5, 0.33) * math.sqrt(2 * math.pi) / math.cos(math.radians(degrees))
            depths.append(float(np.median(rows)) / area)
    assert len(depths) > 80
    assert np.median(depths) == pytest.approx(-math.log1p(-0.3), rel=0.15)


def test_wide_streaks_are_wider() -> None:
    narrow, wide = (
        np.median(streaks(layers(replace(PLAIN, sigma=sigma), size=(480, 640))[0], 0.05)[:, 2])
        for sigma in (0.6, 4.0)
    )
    assert wide > 3 * narrow


def test_optical_depth_does_not_depend_on_the_direction() -> None:
    angles = [math.radians(degrees) for degrees in (0.0, 22.0, 45.0, 68.0)]
    sums = np.array(
        [
            layers(replace(PLAIN, density=1e-3, angle=angle), size=(160, 160), seed=seed).sum()
            for seed in _central_seeds()
            for angle in angles
        ]
    ).reshape(-1, len(angles))
    assert len(sums) >= 4
    # Wide streaks are drawn on coarser rasters, which sample them sparsely.
    np.testing.assert_allclose(sums, sums.mean(1, keepdims=True) * np.ones(len(angles)), rtol=0.08)


def _central_seeds() -> list[int]:
    """Seeds whose one streak has room around it for every direction."""
    found = []
    for seed in range(60):
        layer = layers(replace(PLAIN, density=1e-3), size=(160, 160), seed=seed)
        if 0 < layer.sum() < 1.01 * layer[:, 40:-40, 40:-40].sum():
            found.append(seed)
    return found


@pytest.mark.parametrize("exposure", [0.4, 0.8])
def test_a_drop_moves_its_length_over_the_exposure(exposure: float) -> None:
    angle = math.radians(20.0)
    ratios = []
    for clip in single(replace(PLAIN, length=14.0, angle=angle, exposure=exposure), frames=2):
        (x0, y0), (x1, y1) = centroid(clip[0]), centroid(clip[1])
        if y1 > y0:  # the others came in again at the top
            assert math.degrees(math.atan2(x1 - x0, y1 - y0)) == pytest.approx(20.0, abs=1.0)
            ratios.append(math.hypot(x1 - x0, y1 - y0) * exposure / extent(clip[0]))
    assert len(ratios) >= 5
    assert np.median(ratios) == pytest.approx(1.0, abs=0.12)


def test_incoherent_drops_are_drawn_anew() -> None:
    for coherent in (True, False):
        clip = layers(replace(PLAIN, length=6.0, exposure=1.0, coherent=coherent), frames=2)
        step = max(np.corrcoef(clip[0, :-k].ravel(), clip[1, k:].ravel())[0, 1] for k in range(3, 11))
        assert (step > 0.15) == coherent


@pytest.mark.parametrize("density", [150.0, 600.0])
def test_density_is_streaks_per_megapixel(density: float) -> None:
    population = replace(PLAIN, length=8.0, density=density)
    counts = [len(streaks(layers(population, size=(480, 640), seed=seed)[0])) for seed in range(4)]
    # Streaks at the border or on top of each other are not counted.
    assert 0.75 < np.mean(counts) / (density * 480 * 640 / 1e6) < 1.05


@pytest.mark.parametrize("coherent", [True, False])
def test_rain_fills_the_whole_frame_and_never_runs_dry(coherent: bool) -> None:
    population = replace(PLAIN, density=20000.0, angle=math.radians(30.0), coherent=coherent)
    clip = layers(population, frames=9, size=(120, 160))
    mean = clip.mean()
    strips = [clip[:, :12], clip[:, -12:], clip[:, :, :12], clip[:, :, -12:], clip[:1], clip[-1:]]
    for strip in strips:
        assert strip.mean() == pytest.approx(mean, rel=0.2)


def test_near_drops_are_longer_wider_and_fewer() -> None:
    boxes = streaks(
        layers(replace(PLAIN, depth_ratio=6.0, length=16.0, sigma=1.4), size=(480, 640))[0], 0.015
    )
    longest = boxes[np.argsort(boxes[:, 3])]
    third = len(boxes) // 3
    assert longest[-third:, 2].mean() > longest[:third, 2].mean()
    assert np.median(boxes[:, 3]) < boxes[:, 3].mean()


def test_opacity_grows_with_alpha_and_stays_below_one() -> None:
    generator = torch.Generator()
    means = []
    for alpha in (0.05, 0.2, 0.6):
        layer = opacity(replace(PLAIN, alpha=alpha, density=20000.0), 1, 90, 121, generator.manual_seed(1))
        assert layer.shape == (1, 90, 121)
        assert layer.min() >= 0 and layer.max() < 1
        means.append(layer.mean().item())
    assert means[0] < 0.5 * means[1] < 0.5 * means[2]


def test_gusts_turn_and_thicken_the_rain_slowly() -> None:
    calm = replace(PLAIN, density=3000.0, coherent=False)
    windy = replace(calm, sway=math.radians(12.0), gust=0.8, memory=8.0)
    still, moved = (layers(p, frames=24, size=(120, 160)) for p in (calm, windy))
    turns = np.array([[direction(frame) for frame in clip] for clip in (still, moved)])
    assert turns[1].std() > 3 * turns[0].std()
    assert np.abs(np.diff(turns[1])).mean() < turns[1].std()
    masses = np.log([clip.sum((1, 2)) for clip in (still, moved)])
    assert masses[1].std() > 3 * masses[0].std()


def test_patches_thin_the_rain_here_and_there() -> None:
    spreads = []
    for patches in (0.0, 1.0):
        population = replace(PLAIN, density=20000.0, length=8.0, patches=patches)
        blocks = layers(population, size=(240, 240))[0].reshape(4, 60, 4, 60).sum((1, 3))
        spreads.append(blocks.std() / blocks.mean())
    assert spreads[1] > 1.5 * spreads[0]


def test_hard_ends_and_heads() -> None:
    lone = replace(PLAIN, length=40.0, sigma=0.5)
    ends: dict[str, list[float]] = {"soft": [], "hard": [], "comet": []}
    for name, population in (
        ("soft", lone),
        ("hard", replace(lone, fade=0.0)),
        ("comet", replace(lone, head=1.0)),
    ):
        for clip in single(population):
            rows = clip[0].sum(1)
            rows = rows[rows > 1e-4]
            third = len(rows) // 3
            ends[name].append(
                float(rows[1:4].sum() / rows[third : third + 3].sum())
                if name != "comet"
                else float(rows[-third:].sum() / rows[:third].sum())
            )
    assert np.median(ends["hard"]) > 1.3 * np.median(ends["soft"])
    assert np.median(ends["comet"]) > 2.5


def test_smears_of_a_slow_shutter_are_longer_and_softer_than_the_rain() -> None:
    def steps(population: Population, seed: int) -> tuple[float, float]:
        """Steps down and across, relative to the layer: root mean squares."""
        layer = layers(replace(population, density=60.0), size=(360, 360), seed=seed)[0]
        down, across = (float(np.sqrt((step**2).mean() / (layer**2).mean())) for step in np.gradient(layer))
        return down, across

    near = [steps(smears(PLAIN, torch.Generator().manual_seed(seed)), seed) for seed in range(7)]
    plain_down, plain_across = steps(PLAIN, 0)
    down, across = np.median(near, axis=0)
    assert down < 0.35 * plain_down
    assert across < 0.5 * plain_across
    assert across > 4 * down
