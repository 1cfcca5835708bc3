import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray

from vsrrg_training.cli.evaluate import evaluate
from vsrrg_training.config import RecipeError
from vsrrg_training.data.yuv import Planes
from vsrrg_training.datasets.find import rainy_clips
from vsrrg_training.evaluation.contestants import ALIGNED, CONSENSUS, INPUT, Contestant
from vsrrg_training.evaluation.noreference import judge, measure_real, observe, real_table, streaks_of
from vsrrg_training.evaluation.noreference_check import (
    Rung,
    agreement,
    agreement_table,
    climbed,
    rank_correlation,
)
from vsrrg_training.evaluation.scenes import Scene
from vsrrg_training.synth import write_video


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A still scene of blocks with 20 streaks of 1x14 px and 25 codes a frame; a little noise."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(60, 160, (12, 16)).repeat(6, 0).repeat(6, 1)
    chroma = np.full((36, 48), 128, np.uint8)
    clean: list[Planes] = []
    rainy: list[Planes] = []
    for _ in range(7):
        frame = blocks + rng.integers(-1, 2, blocks.shape)
        wet = frame.copy()
        for _ in range(20):
            y, x = rng.integers(72 - 14), rng.integers(96)
            wet[y : y + 14, x] = frame[y : y + 14, x] + 25
        clean.append((frame.astype(np.uint8), chroma, chroma))
        rainy.append((wet.astype(np.uint8), chroma, chroma))
    return Scene("blocks", "streaks", "still", rainy, clean)


def test_the_input_and_its_clean_twin_lie_at_the_ends(scene: Scene) -> None:
    observed = observe(scene.rainy)
    assert observed.known.mean() > 0.9
    same, perfect = judge(observed, scene.rainy), judge(observed, scene.clean)
    assert same["streaks"] == same["detail"] == 1
    assert perfect["streaks"] < 0.05
    assert perfect["detail"] == pytest.approx(1, abs=0.02)
    assert perfect["flicker"] < 0.4 * same["flicker"]


def test_blur_loses_detail_and_half_of_the_rain_a_quarter_of_its_energy(scene: Scene) -> None:
    observed = observe(scene.rainy)
    half = judge(observed, climbed(scene, Rung(0.5, 0.0, 0.0))[0])
    assert 0.1 < half["streaks"] < 0.3
    blurred = judge(observed, climbed(scene, Rung(1.0, 1.5, 0.0))[0])
    assert blurred["detail"] < 0.7
    unsteady = judge(observed, climbed(scene, Rung(0.5, 0.0, 0.5))[0])
    assert unsteady["flicker"] > 1.02 * half["flicker"]


def test_measures_order_a_ladder_as_the_truth_does(scene: Scene) -> None:
    found = agreement(scene)
    assert found.correlations["streaks"] > 0.9
    assert found.correlations["detail"] > 0.9
    assert found.correlations["flicker"] > 0.8
    table = agreement_table([found])
    assert table.count("\n") == 4 and "| all | still | 1 |" in table


def test_only_long_bright_things_are_streaks() -> None:
    excess: NDArray[np.float32] = np.zeros((40, 40), np.float32)
    excess[5:20, 10] = 20
    for k in range(12):
        excess[20 + k, 20 + k] = 20  # 45 degrees
    excess[30:33, 5:8] = 20
    excess[2, 20:36] = 20  # level
    found = streaks_of(excess)
    assert found[12, 10] == 17 and found[26, 26] == 17
    assert found[30:33, 5:8].max() == 0 and found[2, 25] == 0


def test_rank_correlation_is_spearmans() -> None:
    assert rank_correlation([1, 2, 3, 4], [1, 4, 9, 16]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [2, 1, 4, 3]) == pytest.approx(0.6)


def test_folders_of_rainy_videos(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path
    write_video(scene.rainy, folder / "blocks.mp4", 25)
    results = measure_real([Contestant(INPUT, iter)], rainy_clips(folder), frames=6, crop=(64, 48))
    assert [(r.contestant, r.clip) for r in results] == [(INPUT, "blocks")]
    assert results[0].figures["streaks"] == 1
    assert "| blocks | rainy input |" in real_table(results)
    with pytest.raises(RecipeError, match="too short"):
        observe(scene.rainy[:4])
    assert torch.is_grad_enabled()


def test_the_command_judges_real_rain(scene: Scene, tmp_path: Path) -> None:
    clip, report, page = tmp_path / "blocks.mp4", tmp_path / "report.json", tmp_path / "report.md"
    write_video(scene.rainy, clip, 25)
    options = ("--real", clip, "--frames", 6, "--out", report, "--out", page)
    done = CliRunner().invoke(evaluate, [str(option) for option in options])
    assert done.exit_code == 0, done.output
    saved = json.loads(report.read_text())
    assert [entry["contestant"] for entry in saved] == [INPUT, CONSENSUS, ALIGNED]
    assert saved[0]["figures"]["streaks"] == 1 and saved[1]["figures"]["streaks"] < 0.6
    assert f"| blocks | {CONSENSUS} |" in page.read_text() and page.read_text() in done.output
