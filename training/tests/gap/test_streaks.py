"""Streaks of a single picture are found, and told from clutter."""

import math

import cv2
import numpy as np
import pytest

from vsrrg_training.gap.pictures import gradient_figures, picture_figures, streak_figures
from vsrrg_training.gap.ridges import Picture
from vsrrg_training.gap.streaks import find_streaks

SIZE = 200


def streaky(
    *, length: float = 20, width: float = 2.0, angle: float = 10, contrast: float = 40, count: int = 50
) -> Picture:
    """Streaks of a Gaussian cross-section and known length, full width, angle (degrees) and contrast."""
    random = np.random.default_rng(0)
    picture = np.full((SIZE, SIZE), 60.0)
    reach = int(length / 2 + width) + 2
    sin, cos = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    for centre_y, centre_x in random.uniform(0, SIZE, (count, 2)):
        rows, columns = (
            np.arange(max(0, int(c) - reach), min(SIZE, int(c) + reach)) for c in (centre_y, centre_x)
        )
        dy, dx = rows[:, None] - centre_y, columns[None] - centre_x
        across, along = dx * cos - dy * sin, np.abs(dx * sin + dy * cos)
        body = np.clip(length / 2 - along + 0.5, 0, 1)
        shape = body * np.exp(-4 * math.log(2) * (across / width) ** 2)
        here = np.ix_(rows, columns)
        picture[here] = np.maximum(picture[here], 60 + contrast * shape)
    return picture.astype(np.float32)


def figures(picture: Picture) -> dict[str, float]:
    return streak_figures(find_streaks(picture), picture.size)


def test_known_streaks_are_measured() -> None:
    found = figures(streaky())
    assert found["density"] == pytest.approx(50 / SIZE**2 * 1e6, rel=0.2)
    assert found["standing_out"] > 0.9
    assert found["tilt"] == pytest.approx(10, abs=1)
    assert found["spread"] < 2
    assert found["length"] == pytest.approx(20, abs=2)
    assert found["width"] == pytest.approx(2.0, abs=0.3)
    assert found["contrast"] == pytest.approx(40, rel=0.1)


@pytest.mark.parametrize(
    ("figure", "less", "more"),
    [("length", {"length": 10}, {"length": 40}), ("contrast", {"contrast": 15}, {"contrast": 80})],
)
def test_figures_follow_the_rain(figure: str, less: dict[str, float], more: dict[str, float]) -> None:
    low, high = (figures(streaky(**changes))[figure] for changes in (less, more))  # type: ignore[arg-type]
    (name, small), (_, great) = *less.items(), *more.items()
    assert name == figure
    assert high / low == pytest.approx(great / small, rel=0.25)


def test_wide_streaks_are_found_in_the_small_picture() -> None:
    found = figures(streaky(width=7, length=60, count=30))
    assert found["width"] == pytest.approx(7, rel=0.2)


def test_sides_have_signs() -> None:
    right, left = (find_streaks(streaky(angle=angle)).angle for angle in (25, -25))
    assert math.degrees(right) == pytest.approx(25, abs=2)
    assert math.degrees(left) == pytest.approx(-25, abs=2)


def test_clutter_of_all_directions_is_no_rain() -> None:
    noise = np.random.default_rng(1).normal(0, 20, (SIZE, SIZE)).astype(np.float32)
    texture = 100 + 2 * cv2.GaussianBlur(noise, (0, 0), 1.2)
    plain = find_streaks(texture)
    assert plain.standing_out < 0.3
    rain = find_streaks(texture + streaky(contrast=80) - 60)
    assert rain.count > 1.5 * plain.count


def test_a_flat_picture_has_no_figures() -> None:
    found = picture_figures(np.full((64, 64), 80, np.float32))
    assert found["density"] == 0
    assert math.isnan(found["length"]) and math.isnan(found["opacity"])


def test_opacity_is_found_where_streaks_blend() -> None:
    picture = streaky(contrast=100, count=120) - 60
    background = np.broadcast_to(np.linspace(20, 220, SIZE, dtype=np.float32), picture.shape)
    blended = background + picture / 100 * 0.3 * (255 - background)
    found = figures(blended.astype(np.float32))
    assert found["opacity"] == pytest.approx(0.3, rel=0.25)
    assert found["light"] == pytest.approx(255, rel=0.1)
    assert found["contrast_dark"] > 1.5 * found["contrast_bright"]


def test_gradients_know_noise_from_streaks() -> None:
    noise = np.random.default_rng(0).normal(100, 5, (SIZE, SIZE)).astype(np.float32)
    plain = gradient_figures(noise, 0)
    assert plain["kurtosis_horizontal"] == pytest.approx(3, abs=0.2)
    assert plain["anisotropy"] == pytest.approx(1, abs=0.05)
    assert abs(plain["bright_ridges"]) < 0.1
    rainy = gradient_figures(noise + streaky(angle=0, contrast=80) - 60, 0)
    assert rainy["kurtosis_horizontal"] > 5
    assert rainy["anisotropy"] > 1.5 and rainy["bright_ridges"] > 1
