import math

import pytest
import torch

from vsrrg_training.config import LossConfig
from vsrrg_training.losses import charbonnier, presence_loss, rain_loss

PLAIN = LossConfig(chroma_weight=0, clean_weight=0, gradient_weight=0)


def test_a_perfect_prediction_costs_nothing() -> None:
    target = 0.1 + 0.9 * torch.rand(2, 3, 6, 8, 8)
    target[:, :, :, :4] = 0
    assert rain_loss(target, target, LossConfig()).item() == pytest.approx(0, abs=1e-6)


def test_charbonnier_is_the_absolute_error_above_its_knee() -> None:
    assert charbonnier(torch.tensor([0.5, -0.5]), 1e-3).item() == pytest.approx(0.499, abs=1e-4)


def test_each_term_prices_its_own_error() -> None:
    target = torch.zeros(1, 1, 6, 8, 8)
    luma, chroma = target.clone(), target.clone()
    luma[:, :, :4] = 0.1
    chroma[:, :, 4:] = 0.1
    base = rain_loss(luma, target, PLAIN)
    assert rain_loss(chroma, target, PLAIN).item() == pytest.approx(0, abs=1e-6)
    assert rain_loss(chroma, target, PLAIN.model_copy(update={"chroma_weight": 0.5})) == pytest.approx(
        base / 2
    )
    # A false layer on clean pixels costs extra, the same error on rain does not.
    wary = PLAIN.model_copy(update={"clean_weight": 2.0})
    assert (rain_loss(luma, target, wary) - base).item() == pytest.approx(0.2, abs=1e-6)
    dear = wary.model_copy(update={"clean_square": 10.0})
    assert (rain_loss(luma, target, dear) - base).item() == pytest.approx(0.4, abs=1e-6)
    assert rain_loss(luma + 0.3, target + 0.3, wary) == pytest.approx(base)
    # A constant error has no edges; a striped one has.
    edges = PLAIN.model_copy(update={"gradient_weight": 1.0})
    assert rain_loss(luma, target, edges) == pytest.approx(base)
    luma[..., ::2] = 0
    assert rain_loss(luma, target, edges) > rain_loss(luma, target, PLAIN) + 0.09


def test_presence_is_told_by_clips_that_show_it() -> None:
    packed = torch.rand(4, 5, 6, 8, 8, generator=torch.Generator().manual_seed(0))
    rain = torch.zeros_like(packed)
    rain[0] = 0.1
    rain[1] = 1e-5  # hardly any
    rain[2] = 0.1
    packed[2] = packed[2, :1]  # a still
    logits = torch.full((4, 3), -4.0, requires_grad=True)
    loss = presence_loss(logits, packed, rain)
    loss.backward()
    assert loss.item() == pytest.approx((4.018 + 0.018) / 4, abs=1e-3)
    assert logits.grad is not None
    assert (logits.grad[0] < 0).all() and (logits.grad[3] > 0).all()
    assert not logits.grad[1:3].any()


def test_each_clip_counts_by_the_logarithm_of_its_error() -> None:
    target = torch.zeros(2, 3, 6, 8, 8)
    error = torch.zeros_like(target)
    error[0, :, :4], error[1, :, :4] = 0.1, 0.001
    judged = PLAIN.model_copy(update={"log_weight": 0.5, "log_floor": 1e-6})
    added = rain_loss(error, target, judged) - rain_loss(error, target, PLAIN)
    assert added.item() == pytest.approx(0.5 * (math.log(1e4 + 1) + math.log(2)) / 2, rel=1e-4)
    # Ten decibels less are worth the same wherever they are, above the floor.
    better = rain_loss(error * 10**-0.5, target, judged) - rain_loss(error * 10**-0.5, target, PLAIN)
    assert (added - better).item() == pytest.approx(0.25 * (math.log(10) + math.log(2 / 1.1)), rel=1e-2)
