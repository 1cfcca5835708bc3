"""Cases, results and runs for the bench's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vsrrg.bench.case import AdapterResult, Case, Failure, Limits, Result, Spread
from vsrrg.bench.machine import Machine
from vsrrg.bench.record import Record

CASE = Case(
    kind="network",
    width=64,
    height=48,
    format="yuv420p8",
    model="fast",
    backend="torch",
    device="cpu",
    precision="fp32",
    threads=1,
)
BASELINE = replace(CASE, kind="min-median", model="min-median", backend="numpy", precision=None)
MACHINE = Machine(
    cpu="Abacus", cores=2, system="Linux 6", python="3.12.1", torch="2.9", device="cpu", load=0.1
)
RESULT = Result(
    case=CASE,
    frames=8,
    seconds=Spread((0.010, 0.011, 0.012)),
    start=0.5,
    latency=Spread((0.030, 0.031, 0.032)),
    peak_ram=600_000_000,
    precision="fp32",
    threads=1,
    stages={"encode": 0.004, "fuse": 0.003, "rest": 0.004},
    reference=Spread((0.100, 0.110, 0.120)),
    min_median=Spread((0.001, 0.001, 0.001)),
    limits=Limits(matrix=1e11, copy=1e10),
    flops=2e8,
    frame_bytes=4608,
    notes=("a kernel did not compile",),
)
BASELINE_RESULT = Result(
    case=BASELINE,
    frames=8,
    seconds=Spread((0.001,)),
    start=0.002,
    latency=Spread((0.003,)),
    peak_ram=60_000_000,
)
FAILURE = Failure(case=replace(CASE, model="nope"), reason="there is no model named 'nope'")
THROUGH = AdapterResult(
    case=CASE,
    frames=8,
    engine=Spread((0.010, 0.010)),
    vapoursynth=Spread((0.0125, 0.0125)),
    derain=Spread((0.020, 0.020)),
    transcode=Spread((0.004, 0.015)),
    decode=Spread((0.001, 0.001)),
    encode=Spread((0.003, 0.003)),
    encoder="libx264",
)


def record(*results: Result | Failure, **changed: Any) -> Record:
    """A run with these results."""
    values: dict[str, Any] = {
        "vsrrg": "1.0",
        "date": "2026-01-02T03:04:05+00:00",
        "machine": MACHINE,
        "footage": "demo clip",
        "results": results,
    }
    return Record(**{**values, **changed})


def slower(result: Result, factor: float, stage: str = "fuse") -> Result:
    """The same where every pass takes so many times longer, all of it in one stage."""
    more = result.seconds.median * (factor - 1)
    return replace(
        result,
        seconds=Spread(tuple(value * factor for value in result.seconds.values)),
        stages={**result.stages, stage: result.stages[stage] + more},
    )
