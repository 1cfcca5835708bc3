"""What is told of a job: on the terminal, to observers, in reports."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from vsrrg_ray.driver import Event, Status, Summary
from vsrrg_ray.files import Files
from vsrrg_ray.progress import EVERY, describe, job_lines
from vsrrg_ray.report import write_report
from vsrrg_ray.telling import Tally

from vsrrg.batch import events
from vsrrg.batch.events import Told
from vsrrg.batch.inputs import Pair
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


def told_of(told: list[Told]) -> list[tuple[object, ...]]:
    """The events without their times."""
    held = []
    for one in told:
        match one:
            case events.Start():
                held.append(("start", one.output.name, one.file, one.files))
            case events.Note():
                held.append(("note", one.output.name, one.text))
            case events.Advance():
                held.append(("progress", one.output.name, one.frames, one.total))
            case events.Done():
                held.append(("done", one.output.name, one.frames, one.found))
            case events.Failed():
                held.append(("failed", one.output.name, one.error, one.code))
    return held


def test_each_file_is_told(diary: Diary) -> None:
    told: list[Told] = []
    schedule, files = Schedule([A, B], 2), Files(Options(), 2, told.append)
    files.look(schedule, {})
    assert diary.told == told == []
    schedule.next()
    files.look(schedule, {})
    schedule.take(Look(A, 2), Looked(20, 2, (PIECES[0],), 0.1, anew="another crf"))
    files.look(schedule, {A: 3})
    schedule.take(Derain(A, 1), PIECES[1])
    schedule.take(Join(A), Done(20, 1.0, (), "ffv1", ("has a twin",)))
    # This one comes and goes between two looks.
    schedule.next()
    schedule.take(Look(B, 2), Failed("no video", code="no-video"))
    for _ in range(2):
        files.look(schedule, {})
    assert diary.told == [
        ("started", "farm", "a.mkv", "out/a.mkv"), ("a.mkv", 13, 20), ("a.mkv", 20, 20),
        ("finished", "a.mkv", 20), ("started", "farm", "b.mkv", "out/b.mkv"), ("failed", "b.mkv", "no video"),
    ]  # fmt: skip
    assert told_of(told) == [
        ("start", "a.mkv", 1, 2),
        ("progress", "a.mkv", 0, None),
        ("note", "a.mkv", "is begun anew, for what was there is of another crf"),
        ("note", "a.mkv", "goes on after 10 of 20 frames"),
        ("progress", "a.mkv", 13, 20),
        ("note", "a.mkv", "has a twin"),
        ("done", "a.mkv", 20, 10),
        ("start", "b.mkv", 2, 2),
        ("failed", "b.mkv", "no video", "no-video"),
    ]


def test_files_that_are_given_up_are_told(diary: Diary) -> None:
    for error, expected in (
        (KeyboardInterrupt(), ("failed", "a.mkv", "interrupted", "interrupted")),
        (ValueError("odd"), ("failed", "a.mkv", "ValueError: odd", "unexpected")),
    ):
        told: list[Told] = []
        schedule, files = Schedule([A], 2), Files(Options(), 1, told.append)
        schedule.next()
        files.look(schedule, {})
        files.stop(error)
        assert told_of(told)[-1] == expected
        assert diary.told[-1] == ("failed", "a.mkv", str(error))


def test_a_tally_counts_and_names_files_as_users_did() -> None:
    told: list[Told] = []
    tally = Tally(told.append, [Pair(Path("../a.mkv"), Path("./out/a.mkv")), Pair(Path("b"), Path("c"))], 3)
    absolute = Path("out/a.mkv").absolute()
    tally(
        events.Done(
            input=absolute, output=absolute, frames=20, found=5, seconds=1, fps=1, encoder="", dropped=()
        )
    )
    tally(events.Failed(input=Path("b"), output=Path("c"), error="no", code="no-video"))
    tally.end(interrupted=True)
    first, second, last = told
    assert isinstance(first, events.Event) and isinstance(last, events.Summary)
    assert (first.input, first.output) == (Path("../a.mkv"), Path("./out/a.mkv"))
    assert (last.files, last.done, last.failed, last.skipped, last.left_out) == (2, 1, 1, 0, 3)
    assert (last.frames, last.interrupted, last.failures) == (15, True, (second,))


def test_what_programs_read_is_not_lost_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(lambda told: None, [], 0)
    status = Status(5, None, (1, 2), (0, 1), 1)
    with tally.shown(quiet=True, programs=True) as show, contextlib.redirect_stdout(io.StringIO()):
        show(status)
        show(status)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "event": "farm", "frames": 5, "total": None, "pieces": [1, 2], "files": [0, 1], "workers": 1,
    }  # fmt: skip


def test_progress_without_a_terminal_is_a_line_now_and_then() -> None:
    lines: list[str] = []
    times = iter([0.0, EVERY / 2, EVERY, EVERY, EVERY, EVERY, 2 * EVERY, 2 * EVERY])
    show = job_lines(lines.append, lambda: next(times))
    show(Status(10, 610, (0, 7), (0, 1), 1))
    show(Status(310, 610, (3, 7), (0, 1), 1))
    assert lines == ["vsrrg: 310/610 frames, 5.0 fps, 3/7 pieces, 1 worker"]


def test_progress_in_words() -> None:
    def words(pieces: tuple[int, int], files: tuple[int, int], workers: int) -> str:
        return describe(Status(0, None, pieces, files, workers))

    assert words((0, 0), (0, 1), 0) == "starting workers"
    assert words((0, 0), (0, 1), 1) == "1 worker"
    assert words((3, 7), (0, 1), 2) == "3/7 pieces, 2 workers"
    assert words((3, 7), (1, 9), 2) == "1/9 files, 3/7 pieces, 2 workers"


def test_report(tmp_path: Path) -> None:
    happened = [
        Event(1.0, 1, Look(A, 2), Looked(20, 2, (), 0.25)),
        Event(2.0, 1, Derain(A, 0), Lost("gone")),
        Event(4.0, 2, Derain(A, 0), PIECES[0]),
        Event(6.0, 2, Join(A), Done(20, 0.125, ())),
    ]
    summary = Summary({A: Done(20, 0.125, ())}, {B: Failed("no video")}, {}, 20, 7.0, 2.0, 2, happened)
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
