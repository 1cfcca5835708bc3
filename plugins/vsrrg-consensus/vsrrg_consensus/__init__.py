"""A rain model without a network: the consensus of neighbouring frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsrrg.hooks import hookimpl
from vsrrg.models import ModelDescriptor

if TYPE_CHECKING:
    from torch import nn

vsrrg_api = 1


def _load() -> nn.Module:
    from vsrrg_consensus.network import Consensus

    return Consensus().eval()


@hookimpl
def vsrrg_models() -> list[ModelDescriptor]:
    """Adds the model ``consensus``. Differences of frames need the digits of fp32."""
    return [
        ModelDescriptor(
            name="consensus",
            description="no network: minimum of the frame and the median of it and its neighbours",
            radius=1,
            multiple=1,
            halo=0,
            halves=frozenset({"fp32"}),
            load=_load,
            card={
                "version": "0.1.0",
                "training": "none",
                "good for": "still cameras",
                "limits": "under camera motion it also removes thin bright things that are no rain",
            },
        )
    ]
