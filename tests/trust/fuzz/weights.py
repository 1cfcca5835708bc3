"""Weight files: the header of safetensors, what vsrrg writes into it, and the tensors."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path

from vsrrg.errors import ModelError
from vsrrg.models.registry import descriptor_from_file
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg.models.weights import save_weights


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="vsrrg-")


def target(data: bytes) -> None:
    """Described and loaded, as `--model FILE` does it."""
    path = Path(_folder().name, "fuzzed.safetensors")
    path.write_bytes(data)
    with contextlib.suppress(ModelError):
        descriptor_from_file(path).load()


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


@cache
def seeds() -> list[bytes]:
    """The smallest network there can be, and headers that promise too much."""
    path = Path(_folder().name, "seed.safetensors")
    sizes = {"half": 1, "quarter": 1, "eighth": 1, "eighth_blocks": 1, "refine_blocks": 1, "radius": 1}
    state = RRGNet(RRGNetConfig(**sizes)).state_dict()
    made = []
    for config in (
        {},
        {"half": 10**9},
        {"refine_blocks": 10**9},
        {"radius": 10**9},
        {"half": "1"},
        {"half": 0},
    ):
        whole = {"arch": "rrgnet", **sizes, **config}
        save_weights(path, state, config=whole, name="tiny", version="1", card={"precisions": ["fp32"]})
        made.append(path.read_bytes())
    for card in ({"precisions": 5}, {"precisions": ["fp64"]}, {"description": [1]}, {"precisions": [[1]]}):
        save_weights(path, state, config={"arch": "rrgnet", **sizes}, name="tiny", version="1", card=card)
        made.append(path.read_bytes())
    return made
