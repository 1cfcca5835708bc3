"""A whole run: every case, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from vsrrg import __version__
from vsrrg.bench.case import AdapterResult, Case, Effort, Failure, Result
from vsrrg.bench.footage import footage_name
from vsrrg.bench.machine import Machine
from vsrrg.bench.measure import measure, measure_adapters
from vsrrg.bench.record import Record

type Tell = Callable[[str], None]
"""Told what is measured next."""


def run(
    cases: Sequence[Case], effort: Effort, machine: Machine, *, adapters: bool = False, tell: Tell
) -> Record:
    """Measures all cases, and with `adapters` the networks' adapters too; a case that fails ends nothing."""
    began = datetime.now().astimezone()
    networks = {case for case in cases if case.kind == "network"} if adapters else set()
    total = len(cases) + len(networks)
    results: list[Result | Failure] = []
    through: list[AdapterResult | Failure] = []
    for case in cases:
        tell(f"{len(results) + 1}/{total} {title(case)}")
        results.append(measure(case, effort))
    for case in (one.case for one in results if isinstance(one, Result) and one.case in networks):
        tell(f"{len(results) + len(through) + 1}/{total} {title(case)}, adapters")
        through.append(measure_adapters(case, effort))
    return Record(
        vsrrg=__version__,
        date=began.isoformat(timespec="seconds"),
        machine=machine,
        footage=footage_name(effort.video),
        results=tuple(results),
        adapters=tuple(through),
    )


def title(case: Case) -> str:
    """A case in a few words: "1280x720 yuv420p8 general (torch, fp32, 2.0G)"."""
    what = case.model if case.kind == "network" else case.kind
    ways = ", ".join(filter(None, (case.backend, case.precision, *case.settings)))
    return f"{case.size} {case.format} {what} ({ways})"
