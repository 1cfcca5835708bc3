"""Observers that break a promise, which the suite for observers must notice, and say how."""

from __future__ import annotations

import re
from typing import Any

import pytest
from testing_support import broken_promises

from vsrrg.hooks import Job, Observer, Summary
from vsrrg.testing import ObserverSuite
from vsrrg.testing.promises import promises


class Good(Observer):
    """Counts the frames of each job."""

    def __init__(self) -> None:
        self.jobs: dict[str, int] = {}

    def started(self, job: Job) -> None:
        self.jobs[job.source] = 0

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        self.jobs[job.source] = done

    def finished(self, job: Job, summary: Summary) -> None:
        del self.jobs[job.source]

    def failed(self, job: Job, error: BaseException) -> None:
        del self.jobs[job.source]


class Silent:
    def started(self, job: Job) -> None: ...


class Percent(Observer):
    def advanced(self, job: Job, done: int, total: Any) -> None:
        self.share = done / total


class Strict(Observer):
    def advanced(self, job: Job, done: int, total: int | None) -> None:
        if total is not None and done > total:
            raise ValueError(f"{done} of {total}")


class Timing(Observer):
    """Divides by what may be 0."""

    def finished(self, job: Job, summary: Summary) -> None:
        self.fps = summary.frames / summary.seconds


class Files(Observer):
    def started(self, job: Job) -> None:
        if job.target == "-":
            raise OSError("no such file: -")


class Words(Observer):
    def failed(self, job: Job, error: BaseException) -> None:
        self.word = error.args[0]


class Late(Observer):
    def advanced(self, job: Job, done: int, total: int | None) -> None:
        self.last = done

    def failed(self, job: Job, error: BaseException) -> None:
        self.word = f"after {self.last} frames"


class One(Observer):
    """Knows one job at a time."""

    job: Job | None = None

    def started(self, job: Job) -> None:
        self.job = job

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        if job != self.job:
            raise KeyError(job.source)


class Printing(Observer):
    def finished(self, job: Job, summary: Summary) -> None:
        print(f"{summary.frames} frames")


def verdict(tested: type[Any], *asked: str) -> dict[str, str]:
    class TestMine(ObserverSuite):
        @property
        def observer(self) -> Observer:
            made: Observer = tested()
            return made

    return broken_promises(TestMine, *asked)


WELL, TAKEN = "jobs_that_end_well_are_not_stopped", "failures_are_taken"
AT_ONCE, STDOUT = "several_jobs_run_at_the_same_time", "stdout_is_left_alone"

CASES = [
    ("it_has_all_events", Silent, "it has no advanced, no finished, no failed"),
    (WELL, Percent, r"advanced\(1, None\) raised TypeError: unsupported operand"),
    (WELL, Strict, r"advanced\(8, 7\) raised ValueError: 8 of 7"),
    (WELL, Timing, r"finished\(Summary\(frames=0, seconds=0\.0\)\) raised ZeroDivisionError"),
    (WELL, Files, r"started\(\) raised OSError: no such file: -"),
    (TAKEN, Words, r"failed\(KeyboardInterrupt\(\)\) raised IndexError"),
    (TAKEN, Late, r"failed\(MediaError\(.*, 'the disk is full'\)\) raised AttributeError: .* 'last'"),
    (AT_ONCE, One, r"advanced\(\d, None\) raised KeyError: 'rain\d\.mp4'"),
    (STDOUT, Printing, r"it printed '2 frames\\n'"),
]


@pytest.mark.parametrize(("promise", "broken", "how"), CASES, ids=lambda value: "")
def test_a_broken_promise_is_noticed(promise: str, broken: type[Any], how: str) -> None:
    said = verdict(broken, promise)[promise]
    assert said.startswith(f"observer {broken.__name__}: ")
    assert re.search(how, said), said


def test_no_promise_goes_untested() -> None:
    assert {f"test_{promise}" for promise, _, _ in CASES} == set(promises(ObserverSuite))


@pytest.mark.parametrize("observer", [Good, Observer])
def test_what_keeps_its_promises_passes(observer: type[Any]) -> None:
    if observer is Observer:
        observer = type("Idle", (Observer,), {})
    assert verdict(observer) == {}
