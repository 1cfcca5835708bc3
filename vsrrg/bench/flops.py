"""Counts the arithmetic of a network, without doing it."""

from __future__ import annotations

import logging
from typing import cast

from vsrrg.models.base import DerainModel
from vsrrg.models.descriptor import ModelDescriptor


def frame_flops(model: ModelDescriptor, width: int, height: int) -> float | None:
    """Floating point operations for one frame of a stream: encoded once, fused once.

    Convolutions and matrix products count, a multiply-add as two. None for a network that will not run on
    tensors without values.
    """
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.utils.flop_counter import FlopCounterMode

    network = cast(DerainModel, model.load())
    rows, columns = (-(-length // 2) for length in (height, width))
    rows, columns = (length + -length % model.multiple for length in (rows, columns))
    frames = 2 * model.radius + 1
    try:
        with (
            torch.no_grad(),
            FakeTensorMode(allow_non_fake_inputs=True),
            FlopCounterMode(display=False) as counter,
        ):
            window = [network.encode(torch.empty(1, 6, rows, columns)) for _ in range(frames)]
            encoding = counter.get_total_flops()
            network.fuse(window)
            return float(encoding / frames + counter.get_total_flops() - encoding)
    except Exception as error:
        log = logging.getLogger("vsrrg.bench")
        log.warning("the arithmetic of %s was not counted: %s", model.name, type(error).__name__)
        return None
