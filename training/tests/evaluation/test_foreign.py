import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from vsrrg_training.cli.evaluate import evaluate
from vsrrg_training.evaluation.foreign import ForeignRain

RAIN = ForeignRain()


def falls(rain_type: str, seed: int = 1, size: tuple[int, int, int] = (3, 120, 200)) -> torch.Tensor:
    """What rain adds to a flat grey clip: (frames, rows, columns), red alone."""
    clean = torch.full((size[0], 3, *size[1:]), 0.3)
    pair = RAIN.make_rainy(clean, rain_type, torch.Generator().manual_seed(seed))
    assert torch.equal(pair.clean, clean)
    assert pair.rainy.dtype == torch.float32 and pair.rainy.min() >= 0 and pair.rainy.max() <= 1
    assert torch.equal(pair.rainy[:, 0], pair.rainy[:, 2])
    return pair.rainy[:, 0] - clean[:, 0]


@pytest.mark.parametrize("rain_type", RAIN.RAIN_TYPES)
def test_each_type_adds_light_in_streaks_that_change(rain_type: str) -> None:
    light = falls(rain_type)
    assert light.min() > -1e-6 and light.max() > 0.1
    wet = (light > 2 / 255).float()
    assert 0.005 < wet.mean() < 0.6
    # Streaks are steep: the picture changes more from column to column than from row to row.
    across, down = light.diff(dim=2).square().mean(), light.diff(dim=1).square().mean()
    assert across > 1.3 * down
    assert (light[0] - light[1]).abs().mean() > 0.3 * light.mean()


@pytest.mark.parametrize("rain_type", RAIN.RAIN_TYPES)
def test_the_seed_decides(rain_type: str) -> None:
    assert torch.equal(falls(rain_type), falls(rain_type))
    assert not torch.equal(falls(rain_type), falls(rain_type, seed=2))


def test_any_size_will_do() -> None:
    for rain_type in RAIN.RAIN_TYPES:
        assert falls(rain_type, size=(1, 17, 31)).shape == (1, 17, 31)


def test_models_are_measured_on_it_by_name(footage: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--videos", footage / "videos", "--frames", 3, "--foreign", "--out", report]
    done = CliRunner().invoke(evaluate, [str(option) for option in options])
    assert done.exit_code == 0, done.output
    assert {result["rain"] for result in json.loads(report.read_text())} == {*RAIN.RAIN_TYPES, "none"}
    assert "| ripples |" in done.output


def test_types_of_the_generator_do_not_go_with_it(footage: Path) -> None:
    options = ["--videos", str(footage / "videos"), "--foreign", "--types", "light"]
    done = CliRunner().invoke(evaluate, options, standalone_mode=False)
    assert "--types belongs to the generator's own rain" in str(done.exception)
