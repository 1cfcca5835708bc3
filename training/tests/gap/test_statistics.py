"""The statistics of rain find what was put into a clip."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from vsrrg_training.cli.main import main
from vsrrg_training.config import RecipeError
from vsrrg_training.data.yuv import planes_from_rgb
from vsrrg_training.gap.statistics import (
    NTURAIN,
    Codes,
    RainStatistics,
    against_neighbours,
    average,
    exact,
    generated,
    markdown,
    measure,
    save_json,
)
from vsrrg_training.synth import write_video


def dashes(frames: int = 6, background: float = 75.0, stay: bool = False) -> tuple[Codes, Codes]:
    """A rainy clip and its clean twin, 96x128: 12 vertical dashes a frame, 20 px long, profile 10-40-10."""
    random = np.random.default_rng(0)
    clean = np.full((frames, 96, 128), background, np.float32)
    rainy = clean.copy()
    places = [(int(y), 5 + 10 * k) for k, y in enumerate(random.integers(2, 70, 12))]
    for t in range(frames):
        if not stay and t:
            places = [(int(y), 5 + 10 * k + t % 3 * 3 - 3) for k, y in enumerate(random.integers(2, 70, 12))]
        for y, x in places:
            rainy[t, y : y + 20, x - 1 : x + 2] += (10, 40, 10)
    return rainy, clean


def test_dashes_are_measured() -> None:
    figures = measure(exact(*dashes()))
    pixels = 96 * 128
    assert figures.known == 1
    assert figures.changed == pytest.approx(12 * 20 / pixels, rel=1e-3)
    assert figures.mean == pytest.approx(12 * 20 * 60 / pixels, rel=1e-3)
    assert figures.maximum == 40
    assert figures.darker == 0
    assert figures.streaks == pytest.approx(12 / pixels * 1e6, rel=1e-3)
    assert figures.length == pytest.approx(20, abs=0.5)
    assert figures.angle < 2
    assert figures.beside == pytest.approx(0.25, abs=0.03)
    assert figures.two_away == pytest.approx(0.0, abs=0.03)
    assert figures.brightness[1] == pytest.approx(40, abs=0.5)
    assert math.isnan(figures.brightness[4])
    assert figures.persistence < 0.2


def test_persistence_sees_rain_that_stays() -> None:
    assert measure(exact(*dashes(stay=True))).persistence == 1


def test_dark_rain_is_counted() -> None:
    rainy, clean = dashes()
    assert measure(exact(clean, rainy)).darker == pytest.approx(12 * 20 / (96 * 128), rel=1e-3)


def test_neighbours_stand_in_for_the_clean_twin() -> None:
    texture = np.kron(np.random.default_rng(3).uniform(-9, 9, (16, 16)), np.ones((6, 8))).astype(np.float32)
    rainy, clean = (clip + texture for clip in dashes(9))
    noisy = rainy + np.random.default_rng(1).normal(0, 1, rainy.shape).astype(np.float32)
    guess = against_neighbours(noisy)
    truth = exact(rainy[2:-2], clean[2:-2])
    assert guess.known.mean() > 0.95
    assert np.abs(guess.rain - truth.rain)[guess.known].mean() < 1.5
    assert measure(guess).streaks == pytest.approx(measure(truth).streaks, rel=0.25)


def test_a_drifting_camera_is_followed() -> None:
    random = np.random.default_rng(2)
    wide = np.kron(random.uniform(60, 120, (30, 60)), np.ones((6, 6))).astype(np.float32)
    rainy = dashes(9)[0] - 75
    clip = np.stack([wide[20:116, 20 + 3 * t : 148 + 3 * t] for t in range(9)])
    guess = against_neighbours(clip + rainy)
    assert guess.known.mean() > 0.7
    assert np.abs(guess.background - clip[2:-2])[guess.known].mean() < 2
    kept = clip.copy()
    against_neighbours(clip)
    np.testing.assert_array_equal(clip, kept)


def test_short_clips_are_refused() -> None:
    with pytest.raises(RecipeError, match="give 5 or more"):
        against_neighbours(dashes(4)[0])


def test_average_skips_what_is_unknown() -> None:
    dark, bright = measure(exact(*dashes())), measure(exact(*dashes(background=175)))
    mean = average([dark, bright])
    assert mean.brightness[1] == dark.brightness[1]
    assert mean.brightness[3] == bright.brightness[3]
    assert math.isnan(mean.brightness[4])
    assert mean.changed == pytest.approx((dark.changed + bright.changed) / 2)


def test_tables_and_files_hold_every_figure(tmp_path: Path) -> None:
    figures = measure(exact(*dashes()))
    table = markdown({"NTURain": NTURAIN, "dashes": figures}).splitlines()
    assert len({line.count("|") for line in table}) == 1
    assert "33/26/24/16/13" in table[2]
    save_json({"dashes": [figures]}, tmp_path / "rain.json")
    stored = json.loads((tmp_path / "rain.json").read_text())["dashes"][0]
    assert set(stored) == set(RainStatistics.__dataclass_fields__)
    assert stored["brightness"][4] is None


@pytest.mark.parametrize("held", [False, True])
def test_the_generator_is_measured_on_footage(tmp_path: Path, held: bool) -> None:
    clip = torch.rand(7, 3, 48, 64, generator=torch.Generator().manual_seed(0)) * 0.1 + 0.25
    (tmp_path / "videos").mkdir()
    write_video(planes_from_rgb(clip), tmp_path / "videos" / "a.mp4", 25)
    found = generated(
        tmp_path / "videos", seeds=2, frames=6, held=held, types=("heavy", "dense"), cache=tmp_path / "cache"
    )
    assert list(found) == ["heavy", "dense"]
    assert [len(group) for group in found.values()] == [2, 2]
    assert average(found["heavy"]).changed > 0


def test_the_command_prints_a_table_and_writes_reports(tmp_path: Path) -> None:
    clip = torch.rand(7, 3, 48, 64, generator=torch.Generator().manual_seed(0)) * 0.1 + 0.25
    (tmp_path / "videos").mkdir()
    write_video(planes_from_rgb(clip), tmp_path / "videos" / "a.mp4", 25)
    arguments = ["rain-stats", "--videos", str(tmp_path / "videos"), "--seeds", "1", "--frames", "6"]
    arguments += ["--types", "light", "--against", str(tmp_path / "videos" / "a.mp4")]
    arguments += ["--out", str(tmp_path / "rain.json"), "--out", str(tmp_path / "rain.md")]
    result = CliRunner().invoke(main, arguments, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert result.exit_code == 0, result.output
    assert "| NTURain |" in result.output
    assert (tmp_path / "rain.md").read_text() in result.output
    assert set(json.loads((tmp_path / "rain.json").read_text())) == {"light", "a", "light, held"}


def test_the_command_refuses_unknown_types_and_reports() -> None:
    for extra, words in ((["--types", "hail"], "unknown rain type"), (["--out", "a.txt"], ".json or .md")):
        result = CliRunner().invoke(main, ["rain-stats", "--videos", ".", *extra])
        assert result.exit_code == 1
        assert words in result.output
