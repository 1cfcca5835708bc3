"""A distilled encoder made as loud as a fresh one, so that the rest of the network meets what it expects."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vsrrg.models.rrgnet import FrameEncoder


@torch.no_grad()
def settle(encoder: FrameEncoder, fresh: FrameEncoder, packed: Tensor) -> None:
    """Rescale an encoder's features to the deviations of a fresh one's on pictures (N, 6, h, w).

    Nothing but the loudness of the three scales changes: convolutions, rectifiers and residual blocks of a
    louder input are louder alike, once their biases are.
    """
    wanted, found = (
        [_deviation(features.half), _deviation(features.quarter), _deviation(features.eighth)]
        for features in (fresh(packed), encoder(packed))
    )
    half, quarter, eighth = (one / max(other, 1e-6) for one, other in zip(wanted, found, strict=True))
    _scale(encoder.stem, half, half)
    _scale(encoder.to_quarter, quarter / half, quarter)
    _scale(encoder.to_eighth, eighth / quarter, eighth)
    for blocks, factor in ((encoder.quarter, quarter), (encoder.eighth, eighth)):
        for module in blocks.modules():
            if isinstance(module, nn.Conv2d):
                _scale(module, 1.0, factor)


def _deviation(features: Tensor) -> float:
    return float((features - features.mean((0, 2, 3), keepdim=True)).square().mean().sqrt())


def _scale(layer: nn.Conv2d, weight: float, bias: float) -> None:
    layer.weight.mul_(weight)
    if layer.bias is not None:
        layer.bias.mul_(bias)
