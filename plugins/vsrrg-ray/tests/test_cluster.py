"""How many workers a machine has room for."""

from __future__ import annotations

from typing import Any

import pytest
from vsrrg_ray.cluster import Wishes, slots_of

from vsrrg.errors import OptionError


def node(cpus: float, gpus: float = 0, alive: bool = True) -> dict[str, Any]:
    resources = {"CPU": cpus} | ({"GPU": gpus} if gpus else {})
    return {"NodeID": "n", "NodeManagerAddress": "h", "Alive": alive, "Resources": resources}


@pytest.mark.parametrize(
    ("machine", "wishes", "workers", "cores", "gpus"),
    [
        (node(2), Wishes(), 1, 2, 0),
        (node(64), Wishes(), 16, 4, 0),
        (node(10), Wishes(), 3, 3, 0),
        (node(10), Wishes(cores=1), 10, 1, 0),
        (node(10), Wishes(cores=4), 2, 4, 0),
        (node(64, 8), Wishes(), 8, 8, 1),
        (node(64, 8), Wishes(gpus=0.5), 16, 4, 0.5),
        (node(64, 8), Wishes(gpus=2), 4, 16, 2),
        (node(64, 8), Wishes(cores=16), 4, 16, 1),
        (node(4, 8), Wishes(), 4, 1, 1),
        (node(64, 8), Wishes("cpu"), 16, 4, 0),
        (node(8, 1), Wishes(gpus=1 / 3), 3, 2, 1 / 3),
        (node(8, 1), Wishes(gpus=2), 2, 4, 0),
    ],
)
def test_slots(machine: dict[str, Any], wishes: Wishes, workers: int, cores: int, gpus: float) -> None:
    slots = slots_of(machine, wishes)
    assert len(slots) == workers
    assert {(slot.cores, slot.gpus, slot.neighbours) for slot in slots} == {(cores, gpus, workers)}
    assert slots[0].device == ("cuda" if gpus else "cpu")
    assert workers * cores <= machine["Resources"]["CPU"]


@pytest.mark.parametrize(
    ("machine", "wishes"),
    [
        (node(0), Wishes()),
        (node(4, alive=False), Wishes()),
        (node(4), Wishes("cuda")),
        (node(4), Wishes(cores=8)),
        (node(2, 1), Wishes(cores=4)),
    ],
)
def test_no_room(machine: dict[str, Any], wishes: Wishes) -> None:
    assert slots_of(machine, wishes) == []


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"device": "cuda:1"}, "runs on 'cpu' or 'cuda', not 'cuda:1'"),
        ({"gpus": 0.0}, "share of a GPU above 0"),
        ({"gpus": 1.5}, "or whole GPUs, not 1.5"),
    ],
)
def test_wishes_that_make_no_sense(wishes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        Wishes(**wishes)
