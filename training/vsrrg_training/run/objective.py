"""What a run trains, and what for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Picture = NDArray[np.uint8]
"""(H, W, 3) R'G'B'."""


class Objective(nn.Module):
    """A network and the loss that it is trained with; what helps it to learn may live beside it.

    Parameters beside the network (frozen teachers, heads that are thrown away) are not averaged and not
    exported; those that need gradients are trained and kept in the checkpoint.
    """

    network: nn.Module
    """The network that is trained, averaged and saved."""

    def forward(self, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a batch (a scalar) and the sums (scalars) from which `figures` come."""
        raise NotImplementedError

    def figures(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Figures for the curves from the sums over `sums["steps"]` steps of all processes."""
        steps = max(sums["steps"], 1.0)
        return {name: value / steps for name, value in sums.items() if name != "steps"}

    def picture(self, batch: Any) -> Picture | None:
        """What the network makes of a batch, for people; None where there is nothing to see."""
        return None
