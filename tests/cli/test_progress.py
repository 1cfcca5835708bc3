"""The bar of the commands: on a terminal only, with frames, fps and the time left."""

from __future__ import annotations

import io

import pytest
import rich.console

from vsrrg.cli.progress import ProgressBar
from vsrrg.hooks import Job, Summary
from vsrrg.testing import ObserverSuite

JOB = Job(kind="derain", source="clips/rain[0].mp4", target="clean.mkv")
SUMMARY = Summary(frames=7, seconds=1.0)


class TestProgressBar(ObserverSuite):
    @property
    def observer(self) -> ProgressBar:
        return ProgressBar()


def test_quiet_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar()
    bar.started(JOB)
    bar.advanced(JOB, 7, 7)
    bar.finished(JOB, SUMMARY)
    bar.failed(JOB, KeyboardInterrupt())
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_it_counts_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    real = rich.console.Console

    def terminal(stderr: bool) -> rich.console.Console:
        assert stderr
        return real(file=written, force_terminal=True, width=120, color_system=None)

    monkeypatch.setattr("rich.console.Console", terminal)
    bar = ProgressBar()
    bar.started(JOB)
    for done in range(1, 8):
        bar.advanced(JOB, done, 7)
    bar.finished(JOB, SUMMARY)
    text = written.getvalue()
    assert "clips" not in text
    assert "rain[0].mp4" in text and "7/7" in text and "fps" in text and "0:00:00" in text
