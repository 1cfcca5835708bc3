"""What is told of a job: on the terminal, to observers, in reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from vsrrg_ray.driver import Event, Status, Summary
from vsrrg_ray.farm import _tell, _tell_rest
from vsrrg_ray.observing import FileObservers
from vsrrg_ray.progress import describe
from vsrrg_ray.report import write_report

from vsrrg.engine import Options
from vsrrg.hooks import Job, Observer
from vsrrg.hooks import Summary as FileSummary
from vsrrg.hooks.manager import Offer, PluginManager
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Derain, Derained, Done, Failed, Join, Look, Looked, Lost, Source

A = Source(Path("a.mkv"), Path("out/a.mkv"), Path("out/.a"), 100, 0)
B = Source(Path("b.mkv"), Path("out/b.mkv"), Path("out/.b"), 100, 0)
PIECES = [Derained(number, 10, "", "", 0, 2.0, 0.5) for number in (0, 1)]


class Diary(Observer):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def started(self, job: Job) -> None:
        self.told.append(("started", job.kind, job.source, job.target))

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        self.told.append((job.source, done, total))

    def finished(self, job: Job, summary: FileSummary) -> None:
        self.told.append(("finished", job.source, summary.frames))

    def failed(self, job: Job, error: BaseException) -> None:
        self.told.append(("failed", job.source, str(error)))


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Diary:
    """An observer that a plugin brings."""
    diary = Diary()
    monkeypatch.setattr(
        PluginManager,
        "collect",
        lambda self, hook, kind: [Offer("diary", diary)] if hook == "vsrrg_observers" else [],
    )
    monkeypatch.setattr("vsrrg.hooks.observers.INTERVAL", 0)
    return diary


def test_observers_hear_of_each_file(diary: Diary) -> None:
    schedule, observers = Schedule([A, B], 2), FileObservers(Options())
    observers.tell(schedule, {})
    assert diary.told == []
    schedule.next()
    observers.tell(schedule, {})
    schedule.take(Look(A, 2), Looked(20, 2, (), 0.1))
    schedule.take(Derain(A, 0), PIECES[0])
    observers.tell(schedule, {A: 3})
    schedule.take(Derain(A, 1), PIECES[1])
    schedule.take(Join(A), Done(20, 1.0, ()))
    observers.tell(schedule, {})
    schedule.next()
    observers.tell(schedule, {})
    schedule.take(Look(B, 2), Failed("no video"))
    observers.tell(schedule, {})
    assert diary.told == [
        ("started", "farm", "a.mkv", "out/a.mkv"), ("a.mkv", 13, 20), ("a.mkv", 20, 20),
        ("finished", "a.mkv", 20), ("started", "farm", "b.mkv", "out/b.mkv"), ("failed", "b.mkv", "no video"),
    ]  # fmt: skip


def test_observers_hear_that_files_are_given_up(diary: Diary) -> None:
    schedule, observers = Schedule([A], 2), FileObservers(Options())
    schedule.next()
    observers.tell(schedule, {})
    observers.stop(KeyboardInterrupt())
    assert diary.told[-1] == ("failed", "a.mkv", "")


def test_progress_in_words() -> None:
    def words(pieces: tuple[int, int], files: tuple[int, int], workers: int) -> str:
        return describe(Status(0, None, pieces, files, workers))

    assert words((0, 0), (0, 1), 0) == "starting workers"
    assert words((0, 0), (0, 1), 1) == "1 worker"
    assert words((3, 7), (0, 1), 2) == "3/7 pieces, 2 workers"
    assert words((3, 7), (1, 9), 2) == "1/9 files, 3/7 pieces, 2 workers"


def test_report(tmp_path: Path) -> None:
    events = [
        Event(1.0, 1, Look(A, 2), Looked(20, 2, (), 0.25)),
        Event(2.0, 1, Derain(A, 0), Lost("gone")),
        Event(4.0, 2, Derain(A, 0), PIECES[0]),
        Event(6.0, 2, Join(A), Done(20, 0.125, ())),
    ]
    summary = Summary({A: Done(20, 0.125, ())}, {B: "no video"}, {}, {}, [], [], 20, 7.0, 2.0, 2, events)
    write_report(tmp_path / "report.json", summary)
    held = json.loads((tmp_path / "report.json").read_text())
    assert (held["frames"], held["fps"], held["workers"]) == (20, 4.0, 2)
    assert held["files"] == {"done": ["a.mkv"], "failed": {"b.mkv": "no video"}, "whole": {}}
    assert held["tasks"] == [
        {"at": 1.0, "worker": 1, "task": "look", "file": "a.mkv", "frames": 20, "seconds": 0.25},
        {"at": 2.0, "worker": 1, "task": "derain", "file": "a.mkv", "piece": 0, "went_wrong": "gone"},
        {"at": 4.0, "worker": 2, "task": "derain", "file": "a.mkv", "piece": 0, "frames": 10, "seconds": 2.0,
         "waited": 0.5},
        {"at": 6.0, "worker": 2, "task": "join", "file": "a.mkv", "frames": 20, "seconds": 0.125},
    ]  # fmt: skip


def test_names_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "ra\x1b[31min\n.mp4"
    source = Source(Path(name), Path("out", name), Path("out/.a"), 100, 0)
    done = Done(10, 1.0, ("chapters",), "ffv1")
    summary = Summary({source: done}, {}, {}, {source: "another crf"}, [name], [name], 10, 1.0, 0.0, 1)
    _tell(summary)
    _tell_rest(0, Path(name), {name: f"{name} has gone"}, quiet=False)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6 and all(r"ra\x1b[31min\n.mp4" in line for line in lines)
