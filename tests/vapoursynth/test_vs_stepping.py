"""How soon frames come is measured in an order that can be right."""

from __future__ import annotations

from tests.vapoursynth.stepping import Stepping, in_fresh_process, median, rows


def test_a_fresh_process() -> None:
    one = in_fresh_process("fast", "cpu", "640x360")
    assert 0 < one.imports < one.cold
    assert 0 < one.warm < one.cold
    assert min(one.forward, one.back, one.jump) > 0


def test_the_table() -> None:
    slow, usual, quick = (Stepping(2 * s, 3 * s, s / 2, s / 10, s / 8, s / 4) for s in (4.0, 1.0, 0.5))
    *_, row = rows([("fast", median([slow, quick, usual]))])
    assert row == "| fast | 2.00 | 3.00 | 0.50 | 100 | 125 | 250 |"
