"""A fixed piece of work that the engine's time is held against: eight 3x3 convolutions."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

LAYERS, CHANNELS, ROWS, COLUMNS = 8, 64, 180, 320
"""64 channels at the packed size of 640x360; 34 GFLOP."""
FLOPS = 2 * LAYERS * CHANNELS * CHANNELS * 9 * ROWS * COLUMNS
LEAST_SECONDS = 0.05
"""The stack is run again and again for so long."""


def reference_stack(device: str, dtype: torch.dtype) -> Callable[[], float]:
    """A function that runs the stack, channels_last and with rectifiers between, and returns its seconds.

    It has been run once, so that it is warm.
    """
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(0)
    layers: list[nn.Module] = []
    for _ in range(LAYERS):
        layer = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
        layers += [layer, nn.ReLU(inplace=True)]
    stack = nn.Sequential(*layers).requires_grad_(False)
    stack.to(device, dtype).to(memory_format=torch.channels_last)
    picture = torch.randn(1, CHANNELS, ROWS, COLUMNS, generator=generator)
    picture = picture.to(device=device, dtype=dtype, memory_format=torch.channels_last)

    def run() -> float:
        count, began = 0, time.perf_counter()
        while not count or time.perf_counter() - began < LEAST_SECONDS:
            with torch.inference_mode():
                stack(picture)
            wait(device)
            count += 1
        return (time.perf_counter() - began) / count

    run()
    return run


def wait(device: str) -> None:
    """Returns when the device has done all that it was given."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize(device)
