"""What a graph for any size does gives what the network does by itself, but for rounding."""

from __future__ import annotations

import pytest
import torch

from vsrrg.models import alignment, any_size, layers, rrgnet
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig

CONFIG = RRGNetConfig(radius=2, half=8, quarter=12, eighth=16, presence=True)


def window(height: int, width: int) -> torch.Tensor:
    """Five packed frames (2, 5, 6, h, w) of a smooth scene that moves."""
    generator = torch.Generator().manual_seed(7)
    coarse = torch.rand(2, 6, height // 4 + 4, width // 4 + 4, generator=generator)
    scene = torch.nn.functional.interpolate(coarse, scale_factor=4.0, mode="bicubic")
    views = [scene[:, :, 2 * t : 2 * t + height, 3 * t : 3 * t + width] for t in range(5)]
    noise = 0.02 * torch.randn(2, 5, 6, height, width, generator=generator)
    return torch.stack(views, 1) + noise


def in_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (any_size, layers, rrgnet):
        monkeypatch.setattr(module, "for_any_size", lambda: True)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (36, 44), (20, 8)])
def test_motion_is_the_same(monkeypatch: pytest.MonkeyPatch, height: int, width: int) -> None:
    frames = window(height, width)
    centre, other = alignment.pyramid(frames[:, 2]), alignment.pyramid(frames[:, 1])
    alone = alignment.estimate_motion(centre, other)
    in_a_graph(monkeypatch)
    assert (alignment.estimate_motion(centre, other) - alone).abs().max() < 1e-4 < alone.abs().max()


def test_pixels_lie_where_they_lie() -> None:
    some = torch.zeros(1)
    for count in (1, 2, 3, 44, 45, 320, 1079):
        assert torch.equal(any_size._centres(count, some), alignment._centres(count, some))


@pytest.mark.parametrize(("height", "width"), [(64, 96), (36, 44), (20, 8)])
def test_so_is_the_rain_layer(monkeypatch: pytest.MonkeyPatch, height: int, width: int) -> None:
    torch.manual_seed(0)
    model, frames = RRGNet(CONFIG).eval(), window(height, width)
    with torch.inference_mode():
        model.decoder.rain.weight.mul_(20)
        alone, logit = model.predict([model.encode(frame) for frame in frames.unbind(1)])
        in_a_graph(monkeypatch)
        rain, same = model.predict([model.encode(frame) for frame in frames.unbind(1)])
    torch.testing.assert_close(rain, alone, atol=1e-4, rtol=0)
    torch.testing.assert_close(same, logit, atol=1e-3, rtol=0)
    assert alone.abs().max() > 0.02


def test_graphs_are_noticed() -> None:
    assert not any_size.for_any_size()

    class Asks(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + 1 if any_size.for_any_size() else x

    graph = torch.export.export(Asks(), (torch.zeros(1),)).module()
    assert graph(torch.zeros(1)) == 1
