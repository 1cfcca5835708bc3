"""What VSRRG_TRACE logs, and that it costs nothing where it is off."""

from __future__ import annotations

import logging
import re

import pytest

from vsrrg.errors import OptionError
from vsrrg.hooks.trace import traced


def three(*, of: str) -> list[str]:
    return [of] * 3


@pytest.mark.parametrize("setting", [None, "", "0"])
def test_off_leaves_the_function_itself(setting: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VSRRG_TRACE", raising=False)
    if setting is not None:
        monkeypatch.setenv("VSRRG_TRACE", setting)
    assert traced("snow", "vsrrg_models", three) is three


def test_on_it_says_who_what_how_many_and_how_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("VSRRG_TRACE", "1")
    assert traced("snow", "vsrrg_models", three)(of="flakes") == ["flakes"] * 3
    assert traced("snow", "filter mask", len)("mask") == 4
    with pytest.raises(ZeroDivisionError):
        traced("snow", "filter mask", lambda: 1 / 0)()
    messages = [record.getMessage() for record in caplog.records]
    times = [re.fullmatch(r"(.*), \d+\.\d ms", message) for message in messages]
    assert [time and time[1] for time in times] == [
        "plugin snow, vsrrg_models: 3 items",
        "plugin snow, filter mask: done",
        "plugin snow, filter mask: failed",
    ]
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


@pytest.mark.parametrize("setting", ["yes", "2", " 1"])
def test_other_values_are_refused(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSRRG_TRACE", setting)
    with pytest.raises(OptionError, match=f"VSRRG_TRACE is '{setting}': set it to 1 .* or unset it"):
        traced("snow", "vsrrg_models", three)
