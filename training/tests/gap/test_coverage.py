"""Coverage, checks and distances say what their samples were made to say."""

import numpy as np
import pytest

from vsrrg_training.gap.checks import check
from vsrrg_training.gap.coverage import cover
from vsrrg_training.gap.distance import distance, pairs
from vsrrg_training.gap.samples import Sample
from vsrrg_training.gap.two_sample import tell_apart

from .conftest import made_sample


def crowd(
    real: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    synthetic: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> list[Sample]:
    """Samples of density and tilt."""

    def row(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, float]:
        return {"density": float(values[0]), "tilt": float(values[1])}

    return [
        *(
            made_sample(f"r{i}", row(v), origin="real", group="real stills", features=[*v, 0.0])
            for i, v in enumerate(real)
        ),
        *(made_sample(f"s{i}", row(v), features=[*v, 0.0]) for i, v in enumerate(synthetic)),
    ]


def normal(seed: int, count: int, shift: float = 0.0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal((shift, 0), 1, (count, 2))


def test_like_samples_are_inside() -> None:
    density, tilt = cover(crowd(normal(0, 60), normal(1, 200)), "still")
    assert density.verdict == tilt.verdict == "inside"
    assert density.widen == ""
    assert 0.4 < density.greater < 0.6
    assert len(density.percentiles) == 60
    assert cover(crowd(normal(0, 60), normal(1, 200)), "clip") == []


def test_what_lies_outside_says_where_to_widen() -> None:
    density, tilt = cover(crowd(normal(0, 60, 4.0), normal(1, 200)), "still")
    assert (density.verdict, density.widen, tilt.verdict) == ("outside", "higher", "inside")
    assert density.greater > 0.95
    assert density.above > 0.9 and density.inside < 0.1
    low = cover(crowd(normal(0, 60, -4.0), normal(1, 200)), "still")[0]
    assert low.widen == "lower"
    both = cover(crowd(5 * normal(0, 60), normal(1, 200)), "still")[0]
    assert both.widen == "both"


def test_figures_that_most_samples_lack_are_left_out() -> None:
    samples = crowd(normal(0, 20), normal(1, 20))
    for sample in samples[:15]:
        sample.figures["density"] = np.nan
    assert [row.figure for row in cover(samples, "still")] == ["tilt"]


def test_checks_know_good_estimators_from_bad() -> None:
    truth = np.linspace(1, 2, 20)
    shuffled = np.random.default_rng(0).permutation(truth)
    samples = [
        made_sample(
            str(i),
            {"length": t + 0.5, "tilt": float(s)},
            truth={"length": float(t), "tilt": float(t)},
        )
        for i, (t, s) in enumerate(zip(truth, shuffled, strict=True))
    ]
    tilt, length = check(samples, "still")
    assert length.correlation == pytest.approx(1) and length.trusted
    assert length.bias == pytest.approx(0.5)
    assert length.relative == pytest.approx(1 / 3)
    assert not tilt.trusted


def test_a_classifier_tells_what_differs() -> None:
    alike = tell_apart(crowd(normal(0, 60), normal(1, 60)), "still", "synthetic", ("streaks",))
    apart = tell_apart(crowd(normal(0, 60, 3.0), normal(1, 60)), "still", "synthetic", ("streaks",))
    assert alike and apart
    assert alike.auc < 0.65 < 0.95 < apart.auc
    assert apart.telling[0][0] == "density" and apart.telling[0][1] > 0
    assert tell_apart(crowd(normal(0, 10), normal(1, 60)), "still", "synthetic", ("streaks",)) is None


def test_distances_grow_and_coverage_falls() -> None:
    samples = crowd(normal(0, 60, 3.0), normal(1, 60))
    near, far = (distance(samples, "still", against, ("streaks",)) for against in ("real", "light"))
    assert near and far
    assert near.coverage > 0.85 > 0.5 > far.coverage
    assert near.coverage >= near.coverage_few > far.coverage_few
    assert (near.samples, far.samples) == (30, 60)
    assert near.frechet < 1 < 5 < far.frechet


def test_a_hole_between_covered_figures_is_found() -> None:
    ring = normal(1, 400)
    ring = ring[np.abs(ring[:, 0] - ring[:, 1]) > 1.2]
    samples = crowd(normal(0, 60) * 0.2, ring)
    (pair,) = pairs(samples, "still", ("streaks",))
    assert pair.figures == ("density", "tilt") and pair.coverage < 0.5
    assert all(row.inside > 0.9 for row in cover(samples, "still"))
    assert pairs(samples, "still", ("streaks",), frozenset({"tilt"})) == []
