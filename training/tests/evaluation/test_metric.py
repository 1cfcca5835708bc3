"""Metrics that plugins add: when they are measured, what they see, and who is blamed."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vsrrg.errors import PluginError
from vsrrg.hooks.manager import Offer
from vsrrg_training.config import RecipeError
from vsrrg_training.data.yuv import Planes
from vsrrg_training.evaluation import Metric
from vsrrg_training.evaluation.contestants import INPUT, Contestant
from vsrrg_training.evaluation.evaluate import Result, evaluate
from vsrrg_training.evaluation.metric import measured
from vsrrg_training.evaluation.metrics import FIGURES
from vsrrg_training.evaluation.paired import PAIR_FIGURES, PairMeter
from vsrrg_training.evaluation.registry import chosen, metrics
from vsrrg_training.evaluation.scenes import Scene
from vsrrg_training.evaluation.tables import markdown

Install = Callable[..., None]


def brightness(name: str = "brightness", **changes: Any) -> Metric:
    given = {
        "description": "for tests",
        "unit": "codes",
        "higher_is_better": True,
        "measure": mean,
        **changes,
    }
    return Metric(name=name, **given)


def mean(restored: Any, rainy: Any, clean: Any) -> float:
    return float(restored.mean() + 10 * rainy.mean() + 100 * clean.mean())


def names(*asked: str, truth: bool = True) -> list[str]:
    return [offer.item.name for offer in chosen(asked, truth=truth)]


def planes(code: int) -> Planes:
    chroma = np.full((8, 8), 128, np.uint8)
    return np.full((16, 16), code, np.uint8), chroma, chroma


@pytest.fixture
def scene() -> Scene:
    return Scene("flat", "light", "still", [planes(130)] * 3, [planes(120)] * 3)


def darker(clip: Any) -> Any:
    return (planes(int(frame[0][0, 0]) - 5) for frame in clip)


def test_metrics_are_chosen_by_cost_truth_and_name(install: Install) -> None:
    added = [brightness(), brightness("slow", expensive=True), brightness("blind", truth=False)]
    install(snow={"vsrrg_metrics": added})
    assert names() == ["brightness", "blind"]
    assert names("slow") == names("slow", "blind") == ["brightness", "slow", "blind"]
    assert names(truth=False) == ["blind"]
    with pytest.raises(
        RecipeError, match="no metric 'brigthness' to add: choose one of brightness, slow, blind"
    ):
        chosen(["brigthness"])
    with pytest.raises(
        RecipeError, match=r"metric slow compares with clean clips, .* leave --metric slow out"
    ):
        chosen(["slow"], truth=False)


def test_without_plugins_nothing_is_added(install: Install) -> None:
    install()
    assert chosen([]) == []
    with pytest.raises(RecipeError, match="no metric 'slow' to add: no installed plugin adds any"):
        chosen(["slow"])


def test_a_metric_sees_luma_restored_rainy_and_clean(scene: Scene) -> None:
    seen: list[Any] = []

    def look(*lumas: Any) -> None:
        seen.append(lumas)

    added = [Offer("snow", brightness(measure=look)), Offer("snow", brightness(measure=look, truth=False))]
    evaluate([Contestant("darker", darker)], [scene], added=added)
    assert [[int(luma[0, 0, 0]) for luma in lumas] for lumas in seen] == [[125, 130, 120], [125, 130]]
    assert {(luma.shape, luma.dtype.name) for luma in seen[0]} == {((3, 16, 16), "uint8")}
    with pytest.raises(ValueError, match="read-only"):
        seen[0][0][0] = 0


def test_figures_are_in_results_and_tables_and_left_out_where_they_do_not_apply(scene: Scene) -> None:
    dry = Scene("flat", "none", "still", scene.clean, scene.clean)

    def of_rain(restored: Any, rainy: Any, clean: Any) -> float | None:
        return mean(restored, rainy, clean) if (rainy != clean).any() else None

    added = [Offer("snow", brightness(measure=of_rain))]
    results = evaluate([Contestant(INPUT, iter), Contestant("darker", darker)], [scene, dry], added=added)
    assert [r.figures.get("brightness") for r in results] == [13430, 13425, None, None]
    text = markdown(results, added)
    assert "| over consensus, dB | brightness, codes |" in text and "|  | 1.342e+04 |" in text
    assert "| mean change, codes | brightness, codes |" in text and "| 5.000 |  |" in text
    assert "\n- brightness: for tests; higher is better (plugin snow).\n" in text
    assert "brightness" not in markdown(results)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (math.nan, "ValueError: it returned nan, and a finite number or None is wanted"),
        (np.float32("inf"), "ValueError: it returned inf"),
        ("12 dB", "TypeError: it returned a str, and a number or None is wanted"),
        (np.zeros(3), "TypeError: it returned a ndarray"),
        (True, "TypeError: it returned a bool"),
    ],
)
def test_rubbish_is_blamed_on_the_plugin(returned: object, message: str) -> None:
    added = [Offer("snow", brightness(measure=lambda *_: returned))]
    frames = [np.zeros((4, 4), np.uint8)]
    with pytest.raises(PluginError, match=f"plugin snow failed to measure 'brightness' of clip a: {message}"):
        measured(added, "clip a", frames, frames, frames)


def test_a_failing_metric_stops_the_evaluation(scene: Scene) -> None:
    added = [Offer("snow", brightness(measure=lambda restored: 1.0))]
    with pytest.raises(
        PluginError, match=r"plugin snow .* of clip flat \(light, still\): TypeError: .*positional"
    ):
        evaluate([Contestant(INPUT, iter)], [scene], added=added)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: [brightness("psnr_y")], "offers a metric 'psnr_y', a name that vsrrg_training.builtin has"),
        (lambda: [brightness("streaks")], "offers a metric 'streaks', a name that"),
        (lambda: [brightness(), brightness()], "offers a metric 'brightness', a name that snow has"),
        (lambda: [mean], "returned from vsrrg_metrics something other than a list of Metric"),
        (lambda: [brightness("Bright")], "'Bright' is no name for a metric"),
        (lambda: [brightness(description="a|b")], r"description is 'a\|b'; it must be one line without '\|'"),
        (lambda: [brightness(higher_is_better="yes")], "higher_is_better is 'yes'; give True or False"),
        (lambda: [brightness(measure=3)], "measure is 3; it must be callable"),
    ],
)
def test_bad_metrics_are_one_sentence_with_the_plugins_name(
    install: Install, made: Callable[[], object], message: str
) -> None:
    install(snow={"vsrrg_metrics": made})
    with pytest.raises(PluginError, match=f"plugin snow .*{message}") as caught:
        metrics()
    assert "\n" not in str(caught.value)


def test_no_name_of_an_own_figure_is_forgotten(scene: Scene) -> None:
    (result,) = evaluate([Contestant(INPUT, iter)], [scene])
    assert isinstance(result, Result) and set(result.figures) == set(FIGURES)
    meter = PairMeter()
    meter.add(*[np.zeros((12, 12, 3), np.uint8)] * 2)
    assert set(meter.figures()) == set(PAIR_FIGURES)
