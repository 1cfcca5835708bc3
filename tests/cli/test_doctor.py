"""``vsrrg doctor``, as users run it."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.cli.cli_support import python, vsrrg
from vsrrg import __version__
from vsrrg.cli.doctor import facts, verdict
from vsrrg.doctor.check import Finding, Report
from vsrrg.doctor.checks import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


def test_a_whole_run() -> None:
    done = vsrrg("doctor", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["derains"], done.stderr) == (0, True, "")
    assert list(report) == ["vsrrg", "derains", "checks"] and report["vsrrg"] == __version__
    assert [one["name"] for one in report["checks"]] == [check.name for check in CHECKS]
    for one in report["checks"]:
        assert list(one) == ["name", "needed", "state", "found", "advice", "facts"]
        assert one["state"] in ("ok", "note") and bool(one["advice"]) == (one["state"] == "note")
    assert report["checks"][-1]["facts"]["fps"] > 0


def test_a_broken_machine(tmp_path: Path) -> None:
    """torch crashes, VapourSynth has a mistake, ffmpeg is not there: all is told, and nothing else."""
    (tmp_path / "torch.py").write_text("import os\nprint('torch')\nos.abort()\n")
    (tmp_path / "vapoursynth.py").write_text("1 / 0\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = vsrrg("doctor", PYTHONPATH=path, VSRRG_FFMPEG="no-such-ffmpeg")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Traceback" not in done.stdout
    states = dict(re.findall(r"^ (\S[\w ]*?)  +(ok|note|problem) ", done.stdout, re.MULTILINE))
    assert states["torch"] == states["ffmpeg"] == states["VapourSynth"] == "problem"
    assert states["CUDA"] == states["speed"] == "note" and states["Python"] == "ok"
    assert "the check crashed: its process was ended by SIGABRT" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    assert done.stdout.endswith("\nvsrrg cannot derain here; problems: torch, ffmpeg, VapourSynth.\n")


def test_nothing_heavy_is_imported_here() -> None:
    code = "import sys, vsrrg.doctor.checks, vsrrg.doctor.examination, vsrrg.cli.doctor; print(*sys.modules)"
    assert {"torch", "numpy", "av", "vapoursynth"}.isdisjoint(python("-c", code).stdout.split())


def test_verdict() -> None:
    def report(**states: str) -> Report:
        findings = {check.name: Finding(states.get(check.name, "ok"), "") for check in CHECKS}  # type: ignore[arg-type]
        return Report(checks=CHECKS, findings=findings)

    assert verdict(report()) == "vsrrg can derain here."
    assert verdict(report(VapourSynth="problem")) == "vsrrg can derain here; problems: VapourSynth."
    assert facts(report(torch="problem"))["derains"] is False


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_page_explains_every_check(check: object) -> None:
    assert f"| {check.name} |" in PAGE.read_text()  # type: ignore[attr-defined]
