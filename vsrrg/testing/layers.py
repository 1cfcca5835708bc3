"""Rain layers: how they are made from a window, and what it means for them to fit and to be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vsrrg.testing.promises import broken

ROUNDING = 1e-5
"""What still counts as equal, in packed units: sums in another order. 16-bit video has steps of 1.5e-5."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import Tensor


def encode(network: Any, window: Tensor) -> list[Any]:
    """The encoded frames of a window (N, frames, 6, rows, columns), by a network or session."""
    import torch

    with torch.inference_mode():
        return [network.encode(frame) for frame in window.unbind(1)]


def fuse(network: Any, encoded: Sequence[Any]) -> Tensor:
    """The layer that a network or session makes of encoded frames."""
    import torch

    with torch.inference_mode():
        rain: Tensor = network.fuse(encoded)
    return rain


def layer(network: Any, window: Tensor) -> Tensor:
    """The layer for the middle of a window, frame by frame."""
    return fuse(network, encode(network, window))


def forward(network: Any, window: Tensor) -> Tensor:
    """The same at once, which only networks do."""
    import torch

    with torch.inference_mode():
        rain: Tensor = network(window)
    return rain


def require_fit(rain: object, window: Tensor, device: torch.device | None = None) -> None:
    """Breaks the promise unless this is a layer for the middle of a window, on that device; None: on the
    window's.
    """
    import torch

    shape = (len(window), *window.shape[2:])
    if not isinstance(rain, torch.Tensor) or not rain.is_floating_point():
        what = str(rain.dtype) if isinstance(rain, torch.Tensor) else type(rain).__name__
        broken(f"fuse made a {what} instead of a tensor of floats")
    if rain.shape != shape:
        broken(f"fuse made a layer {tuple(rain.shape)} instead of {shape}")
    if rain.device != (device or window.device):
        broken(f"fuse made a layer on {rain.device} instead of {device or window.device}")
    if not rain.isfinite().all():
        broken(f"{int((~rain.isfinite()).sum())} of {rain.numel()} samples of a layer are not finite")


def require_same(rain: Tensor, expected: Tensor, what: str, *, allowed: float) -> None:
    """Breaks the promise where layers differ by more than is allowed, in packed units."""
    if rain.shape != expected.shape:
        broken(f"{what} differ: they are {tuple(rain.shape)} and {tuple(expected.shape)}")
    off = (rain.float() - expected.float()).abs()
    if not float(off.max()) <= allowed:
        beyond = int((~(off <= allowed)).sum())
        broken(
            f"{what} differ by up to {float(off.max()):.3g} (packed units), in {beyond} of {off.numel()} "
            f"samples by more than the {allowed:.3g} that is allowed"
        )
