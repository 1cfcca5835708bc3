"""Whatever checks do, each has a finding, and the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from tests.doctor import broken_checks
from vsrrg.doctor.check import Check, Finding, Report
from vsrrg.doctor.checks import CHECKS
from vsrrg.doctor.examination import examine


def check(name: str, examine: Callable[[], Finding], *after: str, **more: object) -> Check:
    return Check(name=name, examine=examine, remedy=f"Mend {name}.", after=after, **more)  # type: ignore[arg-type]


def test_every_way_to_go_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    ways = ("works", "raises", "lacks_a_library", "exits", "prints", "crashes", "ends")
    told: list[str] = []
    checks = [check(way, getattr(broken_checks, way)) for way in ways]
    report = examine([*checks, check("again", broken_checks.works)], told.append)
    found = {name: (one.state, one.found, one.advice) for name, one in report.findings.items()}
    assert found == {
        "works": ("ok", "fine", ""),
        "raises": ("problem", "the weights are gone", "Mend raises."),
        "lacks_a_library": (
            "problem",
            "ModuleNotFoundError: No module named 'no_such_library'",
            "Mend lacks_a_library.",
        ),
        "exits": ("problem", "SystemExit: 3", "Mend exits."),
        "prints": ("ok", "printed", ""),
        "crashes": ("problem", "the check crashed: its process was ended by SIGABRT", "Mend crashes."),
        "ends": ("problem", "the check crashed: its process ended with exit code 7", "Mend ends."),
        "again": ("ok", "fine", ""),
    }
    assert told == list(found)
    facts = report.findings["raises"].facts
    assert facts["raised"] == "ModelError" and facts["where"].startswith("broken_checks.py:")
    # One process for all, and a new one after a crash only.
    assert report.findings["works"].facts != report.findings["again"].facts
    assert capfd.readouterr() == ("", "")


def test_what_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VSRRG_TEST_PID", str(tmp_path / "pid"))
    began = time.monotonic()
    report = examine([check("hangs", broken_checks.hangs, limit=3), check("works", broken_checks.works)])
    assert time.monotonic() - began < 30
    assert report.findings["hangs"].state == "problem"
    assert report.findings["hangs"].found == "no answer within 3 seconds"
    assert report.findings["works"].state == "ok"
    child = Path("/proc", (tmp_path / "pid").read_text(), "status")
    deadline = time.monotonic() + 5
    while child.exists() and "State:\tZ" not in child.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_no_process_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(process: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", fail)
    (finding,) = examine([check("works", broken_checks.works)]).findings.values()
    assert finding.state == "problem" and "no process can be started: BlockingIOError" in finding.found


def test_what_a_problem_leaves_nothing_of_is_not_looked_at() -> None:
    report = examine(
        [
            check("base", broken_checks.raises, needed=False),
            check("upper", broken_checks.works, "base"),
            check("top", broken_checks.works, "base", "upper"),
            check("beside", broken_checks.works),
        ]
    )
    assert [finding.state for finding in report.findings.values()] == ["problem", "note", "note", "ok"]
    assert report.findings["upper"].found == "not looked at"
    assert report.findings["top"].advice == "Put base right first."


def test_only_what_is_needed_keeps_vsrrg_from_deraining() -> None:
    checks = (check("a", broken_checks.works), check("b", broken_checks.works, needed=False))

    def derains(a: str, b: str) -> bool:
        findings = {"a": Finding(a, ""), "b": Finding(b, "")}  # type: ignore[arg-type]
        return Report(checks=checks, findings=findings).derains

    assert derains("ok", "problem") and derains("note", "note")
    assert not derains("problem", "ok")


def test_checks_build_on_earlier_ones_only() -> None:
    names = [one.name for one in CHECKS]
    assert len(set(names)) == len(names)
    for n, one in enumerate(CHECKS):
        assert set(one.after) <= set(names[:n]) and one.remedy
