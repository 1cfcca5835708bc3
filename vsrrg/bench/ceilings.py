"""What the hardware can do at best: copies and a large matrix product, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vsrrg.bench.case import Limits

if TYPE_CHECKING:
    import torch

COPIED = 64 << 20
"""Bytes of a copy: more than caches hold."""
MATRIX = {"cpu": 2048, "cuda": 8192}
"""Rows and columns of the matrices."""
SECONDS = 0.2
"""How long each is measured at least."""


def measure_limits(device: str, dtype: torch.dtype) -> Limits:
    """The best of several runs of each, with torch's present number of threads."""
    import torch

    kind = "cuda" if device.startswith("cuda") else "cpu"
    size = MATRIX[kind]
    a, b, c = (torch.ones(size, size, dtype=dtype, device=device) for _ in range(3))
    matrix = 2 * size**3 / _best("torch.mm(a, b, out=c)", a=a, b=b, c=c)
    source, target = (torch.ones(COPIED, dtype=torch.uint8) for _ in range(2))
    copy = COPIED / _best("target.copy_(source)", source=source, target=target)
    if kind == "cpu":
        return Limits(matrix=matrix, copy=copy)
    pinned, inside = source.pin_memory(), source.to(device)
    other = inside.clone()
    return Limits(
        matrix=matrix,
        copy=copy,
        device_copy=COPIED / _best("target.copy_(source)", source=inside, target=other),
        upload=COPIED / _best("target.copy_(source, non_blocking=True)", source=pinned, target=inside),
        download=COPIED / _best("target.copy_(source, non_blocking=True)", source=inside, target=pinned),
    )


def _best(statement: str, **names: Any) -> float:
    """Seconds of a statement, the least of several runs."""
    import torch
    from torch.utils.benchmark import Timer

    timer = Timer(statement, globals={"torch": torch, **names}, num_threads=torch.get_num_threads())
    return min(timer.blocked_autorange(min_run_time=SECONDS).times)
