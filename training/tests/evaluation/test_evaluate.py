from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vsrrg_training.config import RecipeError
from vsrrg_training.data.footage import load_videos
from vsrrg_training.evaluation.contestants import ALIGNED, CONSENSUS, INPUT, baselines, model_contestants
from vsrrg_training.evaluation.evaluate import Result, evaluate, load_json, mean, save_json
from vsrrg_training.evaluation.metrics import PSNR_CAP
from vsrrg_training.evaluation.scenes import NO_RAIN, Look, panning_scenes, scenes
from vsrrg_training.evaluation.tables import markdown


@pytest.fixture
def results(footage: Path, rain: Any) -> list[Result]:
    shown = scenes(load_videos(footage / "videos", footage / "cache"), Look(6, 1), rain=rain)
    return evaluate(baselines(), shown)


def test_scenes_are_the_same_every_time(footage: Path, rain: Any) -> None:
    videos, options = load_videos(footage / "videos", footage / "cache"), {"rain": rain}
    first, again = (list(scenes(videos, Look(4, 1, (48, 32)), **options)) for _ in range(2))
    other = list(scenes(videos, Look(4, 2, (48, 32)), **options))
    assert [(s.clip, s.motion, s.rain) for s in first[:3]] == [
        ("pan", "moving", "thin"),
        ("pan", "moving", "wide"),
        ("pan", "moving", NO_RAIN),
    ]
    assert len(first) == 2 * 2 * 3 and first[0].rainy[0][0].shape == (32, 48)
    for one, two in zip(first, again, strict=True):
        assert all(np.array_equal(a[0], b[0]) for a, b in zip(one.rainy, two.rainy, strict=True))
    assert not np.array_equal(first[0].rainy[0][0], other[0].rainy[0][0])
    still = first[3]
    assert still.motion == "still"
    # The held frame is alive with noise, and the noise is the same under the rain as without it.
    changes = [f[0].astype(int) - still.clean[0][0] for f in still.clean[1:]]
    assert all(0.5 < change.std() < 3 for change in changes)
    dry = next(s for s in first if s.motion == "still" and s.rain == NO_RAIN)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(dry.rainy, dry.clean, strict=True))


def test_photographs_are_panned_slowly(footage: Path, rain: Any) -> None:
    shown = list(panning_scenes([footage / "stills" / "a.png"], Look(5, 1), rain=rain))
    assert [(scene.motion, scene.rain) for scene in shown] == [("panning", "thin"), ("panning", NO_RAIN)]
    wet, dry = shown
    assert dry.clean[0][0].shape == (64, 96)  # 90 x 120 less a margin, in eights
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(wet.clean, dry.clean, strict=True))
    frames = [planes[0].astype(float) for planes in dry.clean]
    held = np.abs(frames[4] - frames[0]).mean()
    moved = min(
        np.abs(frames[4][8:-8, 12:-12] - np.roll(frames[0], (y, x), (0, 1))[8:-8, 12:-12]).mean()
        for y in range(-3, 4)
        for x in range(-8, 9)
    )
    assert moved < 0.6 * held
    (smaller, _) = panning_scenes([footage / "stills" / "a.png"], Look(5, 1, (48, 32)), rain=rain)
    assert smaller.rainy[0][0].shape == (32, 48)


def test_a_camera_treats_the_clip_and_its_twin(footage: Path, rain: Any) -> None:
    plain, filmed = (
        next(scenes(load_videos(footage / "videos", footage / "cache"), Look(4, 1, camera=camera), rain=rain))
        for camera in (False, True)
    )
    assert not np.array_equal(plain.clean[0][0], filmed.clean[0][0])


def test_consensus_is_the_smaller_of_frame_and_median() -> None:
    chroma = np.full((1, 1), 128, np.uint8)
    values = (40, 80, 50, 35, 50)
    clip = [(np.full((2, 2), value, np.uint8), chroma + n, chroma) for n, value in enumerate(values)]
    consensus = next(contestant for contestant in baselines() if contestant.name == CONSENSUS)
    output = consensus.derain(clip)
    assert [int(planes[0][0, 0]) for planes in output] == [40, 50, 50, 35, 35]
    assert [int(planes[1][0, 0]) for planes in output] == [128, 129, 130, 131, 131]


def test_on_a_still_scene_alignment_changes_nothing(footage: Path, rain: Any) -> None:
    shown = scenes(load_videos(footage / "videos", footage / "cache"), Look(4, 1), rain=rain)
    still = next(scene for scene in shown if scene.motion == "still")
    plain, aligned = (c.derain(still.rainy) for c in baselines() if c.name in (CONSENSUS, ALIGNED))
    for one, two in zip(plain, aligned, strict=True):
        difference = np.abs(one[0].astype(int) - two[0])
        assert np.median(difference) <= 1 and np.mean(difference > 3) < 0.05


def test_baselines_score_as_they_must(results: list[Result]) -> None:
    def score(name: str, motion: str, figure: str = "psnr_y") -> float:
        value = mean(
            (r for r in results if (r.contestant, r.motion) == (name, motion) and r.rain != NO_RAIN), figure
        )
        assert value is not None
        return value

    # All rain goes; the noise of the held frame is what remains.
    assert score(CONSENSUS, "still") > score(INPUT, "still") + 15
    assert score(CONSENSUS, "still", "removed") == pytest.approx(1, abs=0.03)
    assert score(INPUT, "moving", "removed") == 0
    dry = [r for r in results if r.rain == NO_RAIN and r.contestant == INPUT]
    assert {r.figures["psnr_to_input"] for r in dry} == {PSNR_CAP}


def test_ends_may_be_left_out(footage: Path, rain: Any, results: list[Result]) -> None:
    """The consensus has a neighbour on one side only at the ends."""
    shown = list(scenes(load_videos(footage / "videos", footage / "cache"), Look(6, 1), rain=rain))
    moving = shown[0]
    inner = evaluate(baselines(), [moving], skip_ends=1)
    cut = replace(moving, rainy=moving.rainy[1:-1], clean=moving.clean[1:-1])
    assert inner[0].figures == evaluate(baselines()[:1], [cut])[0].figures
    assert inner[1].figures["psnr_y"] != results[1].figures["psnr_y"]
    with pytest.raises(RecipeError, match=r"has 6 frames, .*lower --skip-ends 3"):
        evaluate(baselines(), shown, skip_ends=3)


def test_models_enter_once_more_for_each_lookahead() -> None:
    entrants = model_contestants(["consensus"], lookaheads=[0, 1], precision="fp32")
    assert [e.name for e in entrants] == ["consensus", "consensus, lookahead 0", "consensus, lookahead 1"]
    clip = [(np.full((2, 2), v, np.uint8), np.full((1, 1), 128, np.uint8)) for v in (40, 50, 42, 55, 38)]
    luma = [[int(y[0, 0]) for y, *_ in entrant.derain([(y, c, c) for y, c in clip])] for entrant in entrants]
    assert luma == [[40, 42, 42, 42, 38], [40, 40, 42, 50, 38], [40, 42, 42, 42, 38]]


def test_the_report_reads_back_and_tabulates(results: list[Result], tmp_path: Path) -> None:
    save_json(results, tmp_path / "report.json")
    assert load_json(tmp_path / "report.json") == results
    text = markdown(results)
    for title in (
        "Moving scenes, mean",
        "Still scenes, PSNR-Y by rain type",
        "Clips without rain",
        "ms/frame",
    ):
        assert title in text
    gain = mean(
        (r for r in results if r.contestant == INPUT and r.motion == "still" and r.rain != NO_RAIN), "psnr_y"
    )
    assert f"| {INPUT} | {gain:.2f} |" in text
    (tmp_path / "bad.json").write_text("[3]")
    with pytest.raises(RecipeError, match=r"bad\.json"):
        load_json(tmp_path / "bad.json")
