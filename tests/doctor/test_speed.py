"""The look at how fast this machine is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from vsrrg.bench import machine
from vsrrg.doctor import speed


def test_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = replace(machine.describe("cpu"), load=0.0, cores=2)
    monkeypatch.setattr(machine, "describe", lambda device: idle)
    monkeypatch.setattr(speed, "WIDTH", 64)
    monkeypatch.setattr(speed, "HEIGHT", 48)
    finding = speed.speed()
    assert finding.state == "ok" and finding.facts["model"] == "fast"
    assert finding.facts["seconds_for_a_minute_of_720p25"] == pytest.approx(6000 / finding.facts["fps"], 0.01)
    said = re.match(r"fast on cpu: ([\d.]+) fps at 64x48, about ", finding.found)
    assert said and float(said[1]) == pytest.approx(finding.facts["fps"], abs=0.06)

    monkeypatch.setattr(machine, "describe", lambda device: replace(idle, load=3.0))
    finding = speed.speed()
    assert finding.state == "note" and "busy (load 3.0 on 2 cores)" in finding.found


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "a second"), (40, "40 seconds"), (89, "89 seconds"), (240, "4 minutes"), (9000, "2 hours")],
)
def test_times(seconds: float, words: str) -> None:
    assert speed.in_words(seconds) == words
