import copy

import pytest
import torch
from torch import Tensor

from vsrrg.models.rrgnet import Features, FrameEncoder, RRGNetConfig
from vsrrg_training.transfer.loudness import settle

SMALL = RRGNetConfig(half=8, quarter=8, eighth=8)


def test_only_the_loudness_of_an_encoder_changes() -> None:
    torch.manual_seed(0)
    encoder, fresh = FrameEncoder(SMALL), FrameEncoder(SMALL)
    with torch.no_grad():
        encoder.stem.weight.mul_(7)
    packed = torch.rand(4, 6, 16, 16)
    before, wanted = copy.deepcopy(encoder)(packed), fresh(packed)
    settle(encoder, fresh, packed)
    after = encoder(packed)
    for one, other, like in zip(*(_scales(features) for features in (before, after, wanted)), strict=True):
        factor = (other * one).sum() / one.square().sum()
        torch.testing.assert_close(other, factor * one, atol=1e-4, rtol=1e-3)
        deviations = [
            (x - x.mean((0, 2, 3), keepdim=True)).square().mean().sqrt().item() for x in (other, like)
        ]
        assert deviations[0] == pytest.approx(deviations[1], rel=1e-3)


def _scales(features: Features) -> tuple[Tensor, ...]:
    assert features.half is not None and features.quarter is not None
    return features.half, features.quarter, features.eighth
