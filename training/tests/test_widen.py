import pytest
import torch

from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg_training.derain import take_fitting
from vsrrg_training.widen import widened


def network(half: int, seed: int) -> RRGNet:
    torch.manual_seed(seed)
    made = RRGNet(RRGNetConfig(radius=1, half=half, quarter=8, eighth=8, presence=True, picture=8)).eval()
    for parameter in made.parameters():  # also those that start as zeros
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    return made


@pytest.mark.parametrize("half", [9, 12])
@torch.no_grad()
def test_a_widened_network_computes_what_the_narrow_one_did(half: int) -> None:
    narrow, wide = network(8, 1), network(half, 2)
    assert take_fitting(wide, widened(wide, narrow.state_dict())) == len(wide.state_dict())
    features = [torch.rand(1, 6, 32, 48) for _ in range(3)]
    for one, other in zip(
        narrow.predict([narrow.encode(x) for x in features]),
        wide.predict([wide.encode(x) for x in features]),
        strict=True,
    ):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-5)
    assert float(one.abs().sum()) > 0


def test_the_channels_that_are_added_learn() -> None:
    narrow, wide = network(8, 1), network(12, 2)
    take_fitting(wide, widened(wide, narrow.state_dict()))
    rain, _ = wide.predict([wide.encode(torch.rand(1, 6, 32, 48)) for _ in range(3)])
    (gradient,) = torch.autograd.grad(rain.square().sum(), wide.decoder.rain.weight)
    assert bool((gradient[:, 8:].abs().sum((0, 2, 3)) > 0).all())


def test_weights_of_the_same_width_or_another_kind_stay() -> None:
    narrow = network(8, 1)
    assert widened(network(8, 2), narrow.state_dict()).keys() == narrow.state_dict().keys()
    assert widened(narrow, {"other": torch.ones(1)}).keys() == {"other"}
