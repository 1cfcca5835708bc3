"""The part of an RRGNet for single pictures: used where there is one picture, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from vsrrg.models.layers import gated
from vsrrg.models.rrgnet import Features, RRGNet, RRGNetConfig

SMALL = RRGNetConfig(radius=1, half=8, quarter=12, eighth=16, presence=True, picture=8, picture_dry=0.2)


def network(config: RRGNetConfig = SMALL) -> RRGNet:
    """A network that sees rain in everything."""
    torch.manual_seed(0)
    model = RRGNet(config).eval()
    with torch.no_grad():
        assert model.decoder.presence is not None
        model.decoder.rain.weight.mul_(20)
        model.decoder.presence.vote.bias.fill_(9.0)
        if model.picture:
            model.picture.rain.weight.mul_(20)
            model.picture.presence.bias.fill_(9.0)
    return model


def encoded(model: RRGNet, count: int, size: tuple[int, int] = (20, 28)) -> list[Features]:
    frames = torch.rand(count, 1, 6, *size, generator=torch.Generator().manual_seed(1))
    return [model.encode(frame) for frame in frames]


def derained(model: RRGNet, window: Sequence[Features]) -> Tensor:
    with torch.inference_mode():
        return model.fuse(window)


@pytest.mark.parametrize("size", [(4, 4), (20, 28), (64, 36)])
def test_one_picture_is_seen_by_its_own_part(size: tuple[int, int]) -> None:
    model = network()
    (picture,) = encoded(model, 1, size)
    layer = derained(model, [picture] * 3)
    assert model.picture is not None
    with torch.inference_mode():
        rain, logit = model.picture(picture.packed())
    assert layer.shape == (1, 6, *size) and layer.abs().max() > 0.01
    assert torch.equal(layer, gated(rain, logit, SMALL.dead_zone, SMALL.picture_dry, SMALL.picture_wet))


def test_a_wrong_window_is_refused() -> None:
    model = network()
    (picture,) = encoded(model, 1)
    with pytest.raises(ValueError, match="3 frames"):
        model.fuse([picture])


def test_video_does_not_hear_of_it() -> None:
    model = network()
    a, b, c = encoded(model, 3)
    before = derained(model, [a, b, c]), derained(model, [b, a, b])
    assert model.picture is not None
    for parameter in model.picture.parameters():
        parameter.detach().zero_()
    assert torch.equal(derained(model, [a, b, c]), before[0]) and before[0].any()
    assert torch.equal(derained(model, [b, a, b]), before[1]) and before[1].any()


def test_a_picture_without_rain_is_left_as_it_is() -> None:
    model = network()
    (picture,) = encoded(model, 1)
    assert model.picture is not None
    with torch.no_grad():
        model.picture.presence.weight.zero_()
        model.picture.presence.bias.fill_(-1.5)  # probability 0.18
    assert not derained(model, [picture] * 3).any()


def test_every_weight_learns() -> None:
    model = network().train()
    assert model.picture is not None
    torch.nn.init.normal_(model.picture.climate.weight, std=0.1)
    rain, logit = model.picture(torch.rand(2, 6, 32, 32))
    (rain.square().mean() + logit.mean()).backward()
    assert all(p.grad is not None and p.grad.abs().any() for p in model.picture.parameters())


def test_without_it_one_picture_is_a_window_like_others() -> None:
    model = network(RRGNetConfig(radius=1, half=8, quarter=12, eighth=16, presence=True))
    (picture,) = encoded(model, 1)
    with torch.inference_mode():
        rain, _ = model.predict([picture] * 3)
    assert model.picture is None and derained(model, [picture] * 3).shape == rain.shape


def test_a_wrong_gate_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dry=0\.9"):
        RRGNetConfig(picture_dry=0.9)
