"""Every figure of the catalogue is measured, on the samples that can tell of it."""

import numpy as np
import pytest

from vsrrg_training.gap.figures import FIGURES
from vsrrg_training.gap.footage import Footage, Medium
from vsrrg_training.gap.response import Network
from vsrrg_training.gap.samples import measure_footage

from .conftest import Dashes


def footage(dashes: Dashes, medium: Medium) -> Footage:
    """Dashes on a textured scene."""
    texture = np.kron(np.random.default_rng(3).uniform(-9, 9, (16, 16)), np.ones((6, 8))).astype(np.float32)
    rainy, clean = (clip[: 9 if medium == "clip" else 1] for clip in dashes(9))
    pixels = np.repeat((rainy + texture).round().astype(np.uint8)[..., None], 3, axis=3)
    return Footage("dashes", "light", "synthetic", medium, "dashes", pixels, rainy - clean, clean + texture)


def test_a_clip_has_every_figure(dashes: Dashes) -> None:
    sample = measure_footage(footage(dashes, "clip"), Network("consensus"))
    assert set(sample.figures) == set(FIGURES)
    assert set(sample.truth) < set(FIGURES)
    assert sample.figures["changed"] == pytest.approx(sample.truth["changed"], rel=0.2)
    assert sample.figures["contrast"] == pytest.approx(sample.truth["contrast"], rel=0.1)
    assert sample.figures["duration"] == pytest.approx(1, abs=0.1)
    assert sample.figures["seen"] == pytest.approx(12 * 20 * 3 / (96 * 128), rel=0.1)
    assert sample.exact and sample.residual and sample.residual.known > 0.9


def test_a_still_has_no_times(dashes: Dashes) -> None:
    sample = measure_footage(footage(dashes, "still"), None)
    assert {FIGURES[key].family for key in sample.figures} == {"streaks", "gradients"}
    assert sample.exact is sample.residual is sample.features is None
    assert sample.histogram.sum(1) == pytest.approx([1, 1])
