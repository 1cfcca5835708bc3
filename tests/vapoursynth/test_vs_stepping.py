"""Stepping in an editor feels instant."""

from __future__ import annotations

from tests.vapoursynth.stepping import Stepping, in_fresh_process, median, rows


def test_frames_come_at_once() -> None:
    one = in_fresh_process("fast", "cpu", "640x360")
    assert one.warm < 2
    # A warm start opens the model and encodes a window; a step encodes one frame.
    assert 0 < one.forward < one.warm < one.cold and one.imports < one.cold


def test_the_table() -> None:
    slow, usual, quick = (Stepping(2 * s, 3 * s, s / 2, s / 10, s / 8, s / 4) for s in (4.0, 1.0, 0.5))
    *_, row = rows([("fast", median([slow, quick, usual]))])
    assert row == "| fast | 2.00 | 3.00 | 0.50 | 100 | 125 | 250 |"
