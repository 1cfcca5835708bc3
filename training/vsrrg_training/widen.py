"""A network with more channels at full resolution that starts as the function of a narrower one."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from vsrrg.models.rrgnet import RRGNet

_STEM = "encoder.stem.weight"


def widened(network: RRGNet, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a narrower RRGNet with as many channels at (h, w) as `network` has.

    Nothing listens to the channels that are added, which keep the values `network` has for them; all else
    computes what it did (compare Net2Net, arXiv 1511.05641). Weights of the same width, or of another kind of
    network, are given back as they are.
    """
    narrow = len(state[_STEM]) if _STEM in state else 0
    if not 0 < narrow < network.config.half:
        return dict(state)
    return {
        name: value if value.shape == fresh.shape else _grown(network, name, value, fresh, narrow)
        for name, fresh in network.state_dict().items()
        if (value := state.get(name)) is not None
    }


def _grown(network: RRGNet, name: str, value: Tensor, fresh: Tensor, narrow: int) -> Tensor:
    if value.ndim != fresh.ndim:
        return value
    places = [list(range(length)) for length in value.shape[:2]]
    wide, deep = network.config.half, 2 * network.config.eighth
    if name.startswith("decoder.climate.excite"):  # gain and offset of the deep level, then of this one
        places[0] = [*range(deep + narrow), *range(deep + wide, deep + wide + narrow)]
    elif name == "decoder.presence.first.weight":  # the layer's own means follow this level's
        places[1] = [*range(narrow), *range(wide, fresh.shape[1])]
    grown = fresh.clone()
    if value.ndim == 1:
        grown[places[0]] = value
        return grown
    rows = grown[places[0]].zero_()
    rows[:, places[1]] = value
    grown[places[0]] = rows
    return grown
