"""RRGNet: one network behind encode, fuse, forward and predict_clip; any radius; exact zeros; gradients."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vsrrg.models.rrgnet import RRGNet, RRGNetConfig

SMALL = RRGNetConfig(half=8, quarter=12, eighth=16)
PRESENCE = RRGNetConfig(half=8, quarter=12, eighth=16, presence=True)


def network(config: RRGNetConfig = SMALL) -> RRGNet:
    """A network whose rain layer is clearly not zero."""
    torch.manual_seed(0)
    model = RRGNet(config).eval()
    with torch.no_grad():
        model.decoder.rain.weight.mul_(20)
        model.decoder.climate.excite.weight.normal_(std=0.1)
    return model


def clip(frames: int, *, height: int = 16, width: int = 24, batch: int = 1) -> Tensor:
    return torch.rand(batch, frames, 6, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_forward_is_fuse_of_encoded_frames(radius: int) -> None:
    model = network(RRGNetConfig(radius=radius, half=8, quarter=12, eighth=16))
    frames = clip(2 * radius + 1)
    with torch.inference_mode():
        fused = model.fuse([model.encode(frame) for frame in frames.unbind(1)])
        assert torch.equal(model(frames), fused)
    assert fused.shape == (1, 6, 16, 24) and fused.dtype == torch.float32 and fused.abs().max() > 0.01


def test_a_clip_at_once_equals_its_windows() -> None:
    model, frames = network(), clip(8, batch=2)
    with torch.inference_mode():
        whole, logits = model.predict_clip(model.encode(frames.flatten(0, 1)), 2)
        parts = [
            model.predict([model.encode(frame) for frame in frames[:, n : n + 5].unbind(1)]) for n in range(4)
        ]
    torch.testing.assert_close(whole, torch.stack([rain for rain, _ in parts], 1), atol=1e-5, rtol=1e-4)
    assert logits.shape == (2, 4)


def test_the_order_of_time_within_a_group_does_not_change_the_statistics() -> None:
    from vsrrg.models.rrgnet import _order

    model = network()
    a, b, c = (model.encode(frame) for frame in clip(3).unbind(1))
    forwards = _order(*(x.packed()[:, :4] for x in (b, a, c)))
    backwards = _order(*(x.packed()[:, :4] for x in (b, c, a)))
    assert all(torch.equal(one, other) for one, other in zip(forwards, backwards, strict=True))
    above_minimum, above_median, above_maximum = forwards
    assert above_minimum.min() == 0 and above_maximum.max() == 0
    assert (above_minimum >= above_median).all() and (above_median >= above_maximum).all()


def test_faint_rain_is_exactly_none() -> None:
    model, frames = network(), clip(5)
    with torch.inference_mode():
        layer = model(frames)
        raw, _ = model.predict([model.encode(frame) for frame in frames.unbind(1)])
    zone = SMALL.dead_zone
    assert torch.equal(layer == 0, raw.abs() <= zone) and (layer == 0).any()
    assert torch.equal(layer[raw.abs() >= 2 * zone], raw[raw.abs() >= 2 * zone])
    assert (layer.abs() <= raw.abs()).all() and (layer * raw >= 0).all()


@pytest.mark.parametrize(("logit", "share"), [(-6.0, 0.0), (-3.5, 0.0), (-2.2, 0.5), (0.0, 1.0), (8.0, 1.0)])
def test_a_frame_without_rain_is_left_as_it_is(logit: float, share: float) -> None:
    model, frames = network(PRESENCE), clip(5)
    assert model.decoder.presence is not None
    vote = model.decoder.presence.vote
    with torch.inference_mode():
        vote.weight.zero_()
        vote.bias.fill_(9.0)
        whole = model(frames)
        vote.bias.fill_(logit)
        layer = model(frames)
    if share in (0.0, 1.0):
        assert torch.equal(layer, share * whole)
    else:
        assert 0 < (layer / whole.where(whole != 0, torch.tensor(1.0))).max() < 1


def test_every_weight_learns() -> None:
    model = network(PRESENCE).train()
    rain, logits = model.predict_clip(model.encode(clip(6).flatten(0, 1)), 1)
    (rain.square().mean() + logits.mean()).backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().any()]
    # A softmax over groups does not feel what all votes share.
    assert silent in ([], ["fusion.attention.bias"])


def test_half_precision_stays_near() -> None:
    frames = clip(5, height=32, width=32)
    with torch.inference_mode():
        exact = network()(frames)
        rough = network().to(torch.bfloat16)(frames)
    assert rough.dtype == torch.float32
    assert (exact - rough).abs().max() < 0.05 * exact.abs().max()


def test_the_whole_frame_is_heard() -> None:
    assert SMALL.halo is None
    # Nothing moves, because what most of the frame does is heard as well (alignment.py).
    model, frames = network(), clip(1, height=64, width=512).repeat(1, 5, 1, 1, 1)
    other = frames.clone()
    other[..., 400:] = 1.0
    with torch.inference_mode():
        heard = (model(frames) - model(other))[..., :8].abs().max()
        for parameter in model.decoder.climate.parameters():
            parameter.zero_()
        unheard = (model(frames) - model(other))[..., :8].abs().max()
    assert heard > 1e-4 and unheard < 1e-6


@pytest.mark.parametrize("bad", [{"radius": 0}, {"arch": "unet"}])
def test_a_wrong_config_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="RRGNet"):
        RRGNetConfig(**bad)  # type: ignore[arg-type]


def test_a_wrong_window_is_refused() -> None:
    model = network()
    with pytest.raises(ValueError, match="5 frames"):
        model.fuse([model.encode(frame) for frame in clip(3).unbind(1)])
