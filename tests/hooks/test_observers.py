"""Who is told how a job goes, of what, and how often."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.hooks.conftest import Install
from tests.hooks.hooks_support import plugin
from vsrrg.errors import MediaError, PluginError
from vsrrg.hooks import Job, Observer, Summary, observers
from vsrrg.hooks.observers import INTERVAL, observed

JOB = Job(kind="derain", source="rain.mp4", target="clean.mkv")


class Notes(Observer):
    """Remembers what it was told; raises in one event."""

    def __init__(self, who: str, events: list[str], fails: str = "") -> None:
        self.who, self.events, self.fails = who, events, fails

    def _note(self, event: str, *what: object) -> None:
        self.events.append(" ".join(map(str, (self.who, event, *what))))
        if event == self.fails:
            raise ConnectionError("the dashboard\nis down")

    def started(self, job: Job) -> None:
        assert job is JOB
        self._note("started")

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        self._note("advanced", done, total)

    def finished(self, job: Job, summary: Summary) -> None:
        assert summary.seconds >= 0
        self._note("finished", summary.frames)

    def failed(self, job: Job, error: BaseException) -> None:
        self._note("failed", type(error).__name__)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time, to be set."""
    now = [100.0]
    monkeypatch.setattr(observers, "monotonic", lambda: now[0])
    yield now


def notes(install: Install, events: list[str], **fails: str) -> None:
    """Installs a plugin of each name, with the event in which its observer fails."""
    install(
        **{
            who: plugin(vsrrg_observers=lambda who=who, event=event: [Notes(who, events, event)])
            for who, event in fails.items()
        }
    )


def test_own_observers_come_first_then_plugins_by_name(install: Install) -> None:
    events: list[str] = []
    notes(install, events, snow="", ice="")
    with observed(JOB, Notes("bar", events)) as advance:
        advance(1, 1)
    assert events == [
        f"{who} {event}"
        for event in ("started", "advanced 1 1", "finished 1")
        for who in ("bar", "ice", "snow")
    ]


def test_they_are_told_ten_times_a_second_at_most_and_of_the_last_frame(
    install: Install, clock: list[float]
) -> None:
    install()
    events: list[str] = []
    with observed(JOB, Notes("", events)) as advance:
        for frame in range(1, 101):
            advance(frame, None)
            clock[0] += 0.007
    told = [int(event.split()[1]) for event in events[1:-1]]
    assert told[0] == 1 and told[-2:] != [100, 100] and told[-1] == 100
    steps = {b - a for a, b in pairwise(told[:-1])}
    assert steps == {15} and 14 * 0.007 < INTERVAL < 15 * 0.007
    assert events[-1] == " finished 100"


def test_a_job_without_frames_does_not_advance(install: Install) -> None:
    install()
    events: list[str] = []
    with observed(JOB, Notes("", events)):
        pass
    assert events == [" started", " finished 0"]


@pytest.mark.parametrize("error", [MediaError("no-video", "gone"), KeyboardInterrupt(), SystemExit(143)])
def test_a_failure_is_told_and_goes_on(install: Install, error: BaseException) -> None:
    events: list[str] = []
    notes(install, events, snow="")
    with pytest.raises(type(error)) as raised, observed(JOB) as advance:
        advance(1, 5)
        raise error
    assert raised.value is error
    assert events == ["snow started", "snow advanced 1 5", f"snow failed {type(error).__name__}"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("started", ["hail started", "ice started", "hail failed PluginError"]),
        (
            "advanced",
            [
                *("hail started", "ice started", "snow started", "hail advanced 1 2", "ice advanced 1 2"),
                *("hail failed PluginError", "ice failed PluginError", "snow failed PluginError"),
            ],
        ),
        (
            "finished",
            [
                *("hail started", "ice started", "snow started"),
                *("hail advanced 1 2", "ice advanced 1 2", "snow advanced 1 2"),
                *("hail finished 1", "ice finished 1", "snow finished 1"),
            ],
        ),
    ],
)
def test_an_observer_that_raises_stops_the_job_and_its_plugin_is_named(
    install: Install, event: str, expected: list[str]
) -> None:
    events: list[str] = []
    notes(install, events, ice=event, snow="", hail="")
    message = f"^plugin ice failed in {event} of an observer: ConnectionError: the dashboard is down; update"
    with pytest.raises(PluginError, match=message), observed(JOB) as advance:
        advance(1, 2)
    assert events == expected


@pytest.mark.parametrize("event", ["started", "advanced", "finished"])
def test_an_observer_that_ends_the_program_is_named(install: Install, event: str) -> None:
    class Leaving(Observer):
        pass

    setattr(Leaving, event, lambda *what: sys.exit(0))
    install(ice=plugin(vsrrg_observers=lambda: [Leaving()]))
    message = f"plugin ice failed in {event} of an observer: SystemExit: 0;"
    with pytest.raises(PluginError, match=message), observed(JOB) as advance:
        advance(1, 2)


def test_one_that_fails_in_failed_hides_nothing(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    events: list[str] = []
    notes(install, events, ice="failed", snow="")
    with pytest.raises(MediaError, match="gone"), observed(JOB):
        raise MediaError("source-missing", "gone")
    assert events[-1] == "snow failed MediaError"
    assert "plugin ice failed in failed of an observer: ConnectionError" in caplog.text


def test_what_the_callers_own_raise_comes_out_as_it_is(install: Install) -> None:
    install()
    with pytest.raises(ConnectionError), observed(JOB, Notes("bar", [], "started")):
        raise AssertionError("begun")


def test_each_job_has_observers_of_its_own(install: Install) -> None:
    made: list[Observer] = []

    def make() -> list[Observer]:
        made.append(Notes("", []))
        return made[-1:]

    install(snow=plugin(vsrrg_observers=make))
    with observed(JOB), observed(JOB):
        pass
    assert len(made) == 2


def test_only_observers_are_taken(install: Install) -> None:
    class Half:
        def started(self, job: Job) -> None: ...

    install(snow=plugin(vsrrg_observers=lambda: [Half()]))
    with (
        pytest.raises(PluginError, match=r"plugin snow returned from vsrrg_observers .* list of Observer"),
        observed(JOB),
    ):
        raise AssertionError("begun")


def test_a_class_derived_from_observer_may_leave_methods_out(install: Install) -> None:
    class Counter(Observer):
        frames = 0

        def finished(self, job: Job, summary: Summary) -> None:
            self.frames += summary.frames

    counter = Counter()
    install(snow=plugin(vsrrg_observers=lambda: [counter]))
    with observed(JOB) as advance:
        advance(3, 3)
    assert counter.frames == 3


def test_a_trace_shows_every_event(
    install: Install, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    notes(install, [], snow="")
    monkeypatch.setenv("VSRRG_TRACE", "1")
    with caplog.at_level(logging.DEBUG, "vsrrg.trace"), observed(JOB) as advance:
        advance(1, 1)
    calls = [record.getMessage().rpartition(",")[0] for record in caplog.records]
    assert calls == ["plugin snow, vsrrg_observers: 1 item"] + [
        f"plugin snow, {event} of an observer: done" for event in ("started", "advanced", "finished")
    ]
