import pytest
import torch
from torch import nn

from vsrrg_training.run.ema import WeightAverage


def test_the_average_follows_quickly_first_and_slowly_later() -> None:
    module = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(module.weight)
    average = WeightAverage(module, 0.9)
    nn.init.ones_(module.weight)
    average.update(module, 1)
    assert average.state["weight"].item() == pytest.approx(1 - 2 / 11)
    before = average.state["weight"].item()
    nn.init.zeros_(module.weight)
    average.update(module, 10_000)
    assert average.state["weight"].item() == pytest.approx(0.9 * before)
    assert module.weight.item() == 0


def test_counters_are_copied_and_weights_of_another_model_refused() -> None:
    module = nn.BatchNorm1d(2)
    average = WeightAverage(module, 0.9)
    module.num_batches_tracked += 5
    average.update(module, 1)
    assert average.state["num_batches_tracked"].item() == 5
    with pytest.raises(KeyError):
        average.load({"weight": torch.ones(2)})
