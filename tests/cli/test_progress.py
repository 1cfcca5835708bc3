"""The bar of the commands: on a terminal only, with frames, fps and the time left."""

from __future__ import annotations

import io

import pytest
import rich.console

from vsrrg.cli.progress import progress_bar


def test_quiet_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("rain.mp4") as tell:
        assert tell is None
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_it_counts_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    real = rich.console.Console

    def terminal(stderr: bool) -> rich.console.Console:
        assert stderr
        return real(file=written, force_terminal=True, width=120, color_system=None)

    monkeypatch.setattr("rich.console.Console", terminal)
    with progress_bar("rain[0].mp4") as tell:
        assert tell is not None
        for done in range(1, 8):
            tell(done, 7)
    text = written.getvalue()
    assert "rain[0].mp4" in text and "7/7" in text and "fps" in text and "0:00:00" in text
