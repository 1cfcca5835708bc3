"""What the crew makes of machines and workers, as Ray tells of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray.exceptions import RayError
from vsrrg_ray import crew as crews
from vsrrg_ray.cluster import ClusterError, Slot
from vsrrg_ray.crew import TRIES, Crew
from vsrrg_ray.storage import Sample
from vsrrg_ray.worker import Ready

from tests.pieces.pieces_support import make_job
from vsrrg.pieces.tasks import Failed, Source

SOURCE = Source(Path("a.mkv"), Path("out/a.mkv"), Path("out/.a"), 100, 0)
KILLED = "The actor died unexpectedly before finishing this task.\n\tclass_name: K"
LACKING = """The actor died because of an error raised in its creation task, \x1b[36mray::Actor()\x1b[39m
RuntimeError: The actor with name Actor failed to import on the worker. This may be because:
    raise ModuleNotFoundError("x")
ModuleNotFoundError: No module named 'vsrrg_ray'"""


def slot(node: str) -> Slot:
    return Slot(node=node, host=node, cores=1, gpus=0.0, neighbours=1)


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Crew]:
    """Makes a crew, one worker for each machine that is named with what Ray says of its workers."""
    monkeypatch.setattr(ray, "wait", lambda answers, **_: (answers, []))
    monkeypatch.setattr(ray, "kill", lambda actor: None)

    def get(answer: Any) -> Any:
        _, said = answer
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(ray, "get", get)

    def make(**machines: Any) -> Crew:
        def start(self: Crew, slot: Slot) -> Any:
            number = self._started = self._started + 1
            return crews._Hand(number, slot, SimpleNamespace(), (number, machines[slot.node]))

        monkeypatch.setattr(Crew, "_start", start)
        return Crew(make_job(), Sample(SOURCE), lambda: [slot(node) for node in machines])

    return make


def settle(crew: Crew, times: int = 1) -> None:
    for _ in range(times):
        crew.settle()
        crew.wait(0.0)


def test_machines_that_lack_something_are_left_out_at_once(
    begin: Callable[..., Crew], caplog: pytest.LogCaptureFixture
) -> None:
    crew = begin(bare=RayError(LACKING), blind=Failed("blind sees nothing"), good=Ready("x"))
    settle(crew, 3)
    assert crew.working == 1
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "a machine is left out: bare lacks what is needed: ModuleNotFoundError: No module named 'vsrrg_ray'; "
        "install the same everywhere",
        "a machine is left out: blind sees nothing",
    ]


def test_machines_that_lose_workers_get_no_more_of_them(
    begin: Callable[..., Crew], caplog: pytest.LogCaptureFixture
) -> None:
    crew = begin(frail=RayError(KILLED), good=Ready("x"))
    settle(crew, 2 * TRIES)
    assert crew.working == 1 and crew._started == 1 + TRIES
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    lost = "The actor died unexpectedly before finishing this task"
    assert said == [f"a worker was lost on frail: {lost}"] * TRIES + [
        f"a machine is left out: frail loses its workers: {lost}"
    ]


def test_where_no_machine_can_work_all_reasons_are_told(begin: Callable[..., Crew]) -> None:
    crew = begin(one=Failed("one is blind"), two=Failed("two is lame"))
    settle(crew)
    with pytest.raises(ClusterError, match=r"^one is blind; two is lame$"):
        settle(crew)


def test_other_ways_of_rounding_are_told_once_each(
    begin: Callable[..., Crew], caplog: pytest.LogCaptureFixture
) -> None:
    crew = begin(a=Ready("x"), b=Ready("x"), c=Ready("y"), d=Ready("y"), e=Ready(""))
    settle(crew)
    assert crew.working == 5
    (said,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert said.startswith("c computes on its cpu a little differently from the cpu of a,")
