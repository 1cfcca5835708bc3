"""Scores on pairs against figures worked out by hand, and the whole way through the command."""

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from vsrrg.models.registry import WEIGHTS
from vsrrg_training.cli.evaluate import evaluate
from vsrrg_training.config import RecipeError
from vsrrg_training.data.yuv import Planes
from vsrrg_training.datasets.clips import PairedClip
from vsrrg_training.evaluation.contestants import (
    ALIGNED,
    CONSENSUS,
    INPUT,
    RGB,
    Contestant,
    baselines,
    model_contestants,
)
from vsrrg_training.evaluation.metrics import PSNR_CAP
from vsrrg_training.evaluation.paired import PairedReport, PairedResult, evaluate_pairs, luma_601
from vsrrg_training.evaluation.paired_tables import paired_markdown

COLOUR = (100, 150, 200)
"""Y is 16 + (65.481 * 100 + 128.553 * 150 + 24.966 * 200) / 255 = 136.88, rounded 137; n more in R, G and B
are 219 / 255 * n = 0.8588 n more in Y."""


def write(folder: Path, frames: Iterable[NDArray[np.uint8]]) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for n, frame in enumerate(frames):
        paths.append(folder / f"{n}.png")
        cv2.imwrite(str(paths[-1]), frame[..., ::-1])
    return tuple(paths)


def flat(*errors: int) -> list[NDArray[np.uint8]]:
    return [np.full((16, 20, 3), COLOUR, np.uint8) + np.uint8(error) for error in errors]


def decibels(squared_error: float) -> float:
    return 10 * math.log10(255**2 / squared_error)


def flat_ssim(one: float, other: float) -> float:
    """Of flat planes only the term of the means is not 1."""
    c = (0.01 * 255) ** 2
    return (2 * one * other + c) / (one**2 + other**2 + c)


INPUT_ONLY = [Contestant(INPUT, iter)]


@pytest.fixture
def clip(tmp_path: Path) -> PairedClip:
    rainy = write(tmp_path / "rainy/a", flat(1, 4, 8, 0))
    return PairedClip("a", rainy, write(tmp_path / "clean/a", flat(0, 0, 0, 0)))


def test_luma_is_that_of_bt601_in_limited_range() -> None:
    codes = [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), COLOUR]
    # 16 + 65.481, 128.553 and 24.966 are the codes of the primaries.
    assert luma_601(np.array([codes], np.uint8)).tolist() == [[16, 235, 81, 145, 41, 137]]


def test_figures_are_those_worked_out_by_hand(clip: PairedClip) -> None:
    (result,) = evaluate_pairs(INPUT_ONLY, [clip], skip_ends=1)
    # Of the frames 4 and 8 codes off: Y is 140.31 -> 140 and 143.75 -> 144, so 3 and 7 codes off.
    assert (result.contestant, result.clip, result.frames) == (INPUT, "a", 2)
    assert result.figures == pytest.approx(
        {
            "psnr_rgb": (decibels(16) + decibels(64)) / 2,
            "psnr_y": (decibels(9) + decibels(49)) / 2,
            "pooled_psnr_rgb": decibels(40),
            "pooled_psnr_y": decibels(29),
            "ssim_y": (flat_ssim(137, 140) + flat_ssim(137, 144)) / 2,
            "ssim_rgb": np.mean([flat_ssim(code, code + error) for code in COLOUR for error in (4, 8)]),
        },
        rel=1e-9,
    )


def test_perfect_frames_count_as_the_cap(clip: PairedClip) -> None:
    (result,) = evaluate_pairs(INPUT_ONLY, [clip])
    assert result.frames == 4
    assert result.figures["psnr_rgb"] == pytest.approx(
        (decibels(1) + decibels(16) + decibels(64) + PSNR_CAP) / 4
    )
    assert result.figures["pooled_psnr_rgb"] == pytest.approx(decibels((1 + 16 + 64) / 4))


def test_ssim_is_that_of_the_definition_inside_the_frame(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one, other = (rng.integers(0, 256, (11, 11, 3), dtype=np.uint8) for _ in range(2))
    clip = PairedClip("a", write(tmp_path / "rainy", [one]), write(tmp_path / "clean", [other]))
    (result,) = evaluate_pairs(INPUT_ONLY, [clip])
    # A frame of the window's size has one place for it.
    offsets = np.arange(11) - 5
    window = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    scores = []
    for x, y in zip(
        np.moveaxis(one.astype(float), 2, 0), np.moveaxis(other.astype(float), 2, 0), strict=True
    ):
        mx, my = (window * x).sum(), (window * y).sum()
        vx, vy = (window * (x - mx) ** 2).sum(), (window * (y - my) ** 2).sum()
        cov = (window * (x - mx) * (y - my)).sum()
        scores.append((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))
    assert result.figures["ssim_rgb"] == pytest.approx(np.mean(scores), rel=1e-9)


def test_baselines_take_rgb_frames(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    scene = cv2.resize(rng.integers(30, 180, (6, 8, 3), dtype=np.uint8), (32, 24))
    rainy = [scene.copy() for _ in range(5)]
    for n, frame in enumerate(rainy):
        frame[:, 4 + 5 * n] += 60
    clip = PairedClip("still", write(tmp_path / "rainy", rainy), write(tmp_path / "clean", [scene] * 5))
    results = evaluate_pairs(baselines(RGB), [clip], skip_ends=1)
    scores = {result.contestant: result.figures["psnr_rgb"] for result in results}
    assert scores[CONSENSUS] == PSNR_CAP
    assert scores[ALIGNED] > scores[INPUT] + 10


def test_models_stream_and_frames_keep_their_places(clip: PairedClip) -> None:
    def late(frames: Iterable[Planes]) -> Iterator[Planes]:
        yield from list(frames)

    (now, later) = evaluate_pairs([*INPUT_ONLY, Contestant("late", late)], [clip])
    assert now.figures == later.figures


def test_two_versions_of_a_model_have_a_name_each(tmp_path: Path) -> None:
    shipped = WEIGHTS / "fast.safetensors"
    other = tmp_path / "other.safetensors"
    other.write_bytes(shipped.read_bytes())
    entrants = model_contestants(["fast", "general", str(other)], device="cpu", precision="fp32")
    assert [entrant.name for entrant in entrants] == ["fast", "general", str(other)]


def test_clips_that_cannot_be_scored_are_refused(clip: PairedClip, tmp_path: Path) -> None:
    tiny = write(tmp_path / "tiny", [np.zeros((8, 16, 3), np.uint8)])
    for bad, skip, message in (
        (PairedClip("ra1", clip.rainy, None), 0, "ra1 is rain without a clean half"),
        (PairedClip("bear", None, clip.clean), 0, "bear is clean footage without a rainy half.*--videos"),
        (clip, 2, "no more than 4 frames.*lower --skip-ends 2"),
        (PairedClip("tiny", tiny, tiny), 0, "tiny is 16x8: SSIM needs frames of at least 11x11"),
    ):
        with pytest.raises(RecipeError, match=message):
            evaluate_pairs(INPUT_ONLY, [bad], skip_ends=skip)


def test_tables_average_over_clips_and_over_frames() -> None:
    def result(name: str, frames: int, psnr: float) -> PairedResult:
        keys = ("psnr_y", "psnr_rgb", "pooled_psnr_y", "pooled_psnr_rgb")
        return PairedResult("m", name, frames, {**dict.fromkeys(keys, psnr), "ssim_y": 0.5, "ssim_rgb": 0.25})

    text = paired_markdown(PairedReport("nturain", 2, [result("a1", 30, 40.0), result("b1", 10, 20.0)]))
    assert "## NTURain (Chen et al., CVPR 2018)" in text
    assert "all but the first and last 2 frames of each clip; 40 frames of 2 clips" in text
    assert "| m | 30.00 | 0.5000 | 30.00 | 0.2500 | 30.00 | 30.00 |" in text
    assert "| m | 35.00 | 0.5000 | 35.00 | 0.2500 |\n" in text
    assert "| a1 | 40.00 / 0.5000 |" in text


def call(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


def test_the_command_reports_on_a_data_set(clip: PairedClip, tmp_path: Path) -> None:
    report, page = tmp_path / "new/report.json", tmp_path / "report.md"
    options = ("--model", "consensus", "--skip-ends", 1, "--out", report, "--out", page)
    done = call("--dataset", tmp_path, *options)
    assert done.exit_code == 0, done.output
    saved = json.loads(report.read_text())
    assert (saved["dataset"], saved["skip_ends"]) == ("plain", 1)
    assert [entry["contestant"] for entry in saved["results"]] == [INPUT, CONSENSUS, ALIGNED, "consensus"]
    first = saved["results"][0]["figures"]
    assert first["psnr_rgb"] == pytest.approx((decibels(16) + decibels(64)) / 2)
    assert f"| {INPUT} | {first['psnr_y']:.2f} |" in page.read_text()
    assert page.read_text() in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give one of: clean footage"),
        (("--dataset", ".", "--videos", "."), "give one of: clean footage"),
        (("--real", ".", "--stills", "."), "give one of: clean footage"),
        (
            ("--dataset", ".", "--frames", 24),
            "--frames belongs to --videos and --real: leave it out",
        ),
        (("--real", ".", "--seed", 2), "--seed belongs to --videos: leave it out"),
        (("--real", ".", "--skip-ends", 0), "--skip-ends belongs to --videos and --dataset: leave it out"),
        (("--dataset", "{}/rainy"), "rainy holds no pairs: these are rainy/CLIP beside clean/CLIP"),
        (
            ("--dataset", "davis:{}"),
            "data set davis gives clean clips, not pairs: give a folder, or one of ntu",
        ),
        (
            ("--dataset", "nturain"),
            "data set nturain does not come by itself: get it (https://github.com/hotndy",
        ),
        (("--dataset", "nturain", "{}"), "write nturain:FOLDER"),
        (
            ("--dataset", "kitti"),
            "there is no folder and no data set kitti for pairs: give a folder, or one of",
        ),
        (
            ("--videos", ".", "--metric", "lpips"),
            "there is no metric 'lpips' to add: no installed plugin adds",
        ),
    ],
)
def test_mistakes_of_the_command(
    arguments: tuple[object, ...], message: str, clip: PairedClip, tmp_path: Path
) -> None:
    done = call(*(str(argument).format(tmp_path) for argument in arguments))
    assert isinstance(done.exception, RecipeError) and message in str(done.exception)
