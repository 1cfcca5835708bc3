"""What changed between two runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.bench_support import BASELINE_RESULT, CASE, FAILURE, MACHINE, RESULT, THROUGH, record, slower
from vsrrg.bench.case import Spread
from vsrrg.bench.compare import Pair, compare, table


def test_a_slowdown_is_found_and_placed() -> None:
    comparison = compare(record(RESULT), record(slower(RESULT, 1.5, "fuse")))
    (change,) = comparison.changes
    assert change.seconds.speed == pytest.approx(1 / 1.5)
    assert change.relative is not None and change.relative.speed == pytest.approx(1 / 1.5)
    assert change.stage == ("fuse", pytest.approx(0.0055))
    assert comparison.remarks == ()
    (row,) = table(comparison).rows
    assert row[3:] == ("x 0.67 slower", "x 0.67 slower", "fuse +5.50 ms")


def test_a_busy_machine_slows_the_reference_as_well() -> None:
    """Twice the time beside a reference that takes twice the time is no change of vsrrg."""
    assert RESULT.reference is not None
    busy = replace(slower(RESULT, 2), reference=Spread(tuple(2 * value for value in RESULT.reference.values)))
    (change,) = compare(record(RESULT), record(busy)).changes
    assert change.seconds.speed == pytest.approx(0.5)
    assert change.relative is not None and change.relative.speed == pytest.approx(1.0)


def test_only_what_lies_beyond_the_spread_is_marked() -> None:
    old = Spread((10.0, 11.0, 12.0, 13.0, 14.0))
    assert Pair(old, Spread((11.0, 12.0, 13.0, 14.0, 15.0))).verdict == ""
    assert Pair(old, Spread((20.0, 21.0, 22.0))).verdict == "slower"
    assert Pair(old, Spread((5.0, 6.0, 7.0))).verdict == "faster"
    assert Pair(Spread((1.0, 1.0, 1.0)), Spread((1.01, 1.01, 1.01))).verdict == ""


def test_cases_that_one_run_lacks_are_listed() -> None:
    old = record(RESULT, BASELINE_RESULT)
    other = replace(RESULT, case=replace(CASE, width=128))
    new = record(BASELINE_RESULT, other)
    comparison = compare(old, new)
    assert [change.what for change in comparison.changes] == ["64x48 yuv420p8 min-median (numpy)"]
    assert comparison.remarks == (
        "only in the earlier run: 64x48 yuv420p8 fast (torch, fp32)",
        "only in this run: 128x48 yuv420p8 fast (torch, fp32)",
    )


def test_failures_are_told_apart_from_changes() -> None:
    failed = replace(FAILURE, case=CASE)
    assert compare(record(RESULT), record(failed)).remarks == (
        "fails now: 64x48 yuv420p8 fast (torch, fp32)",
    )
    assert compare(record(failed), record(RESULT)).remarks == (
        "failed in the earlier run: 64x48 yuv420p8 fast (torch, fp32): there is no model named 'nope'",
    )
    assert compare(record(failed), record(failed)).remarks == ()


def test_another_machine_is_told() -> None:
    other = replace(MACHINE, cpu="Difference Engine", cores=4, load=9.0)
    remarks = compare(record(RESULT, machine=other), record(RESULT, vsrrg="2.0")).remarks
    assert remarks[0].startswith(
        "different machines: before Difference Engine, 4 cores, now Abacus, 2 cores; only the column"
    )
    assert remarks[1:] == ("vsrrg: before 1.0, now 2.0", "the machine was busy in the earlier run (load 9.0)")


def test_adapters_are_compared_too() -> None:
    slow = replace(THROUGH, derain=Spread((0.040, 0.040)))
    comparison = compare(record(adapters=(THROUGH,)), record(adapters=(slow,)))
    assert [(change.what.rsplit(", ")[-1], change.seconds.speed) for change in comparison.changes] == [
        ("VapourSynth", 1.0),
        ("derain", 0.5),
    ]
