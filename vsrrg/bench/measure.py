"""Measures cases: lets their parts take turns, and puts together what they say."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from vsrrg.bench.case import AdapterResult, Case, Effort, Failure, Limits, Result, Spread
from vsrrg.bench.jobs import PartError, Worker, start

LONGER = 4
"""How much longer passes are where files are involved: starting ffmpeg is part of them."""


def measure(case: Case, effort: Effort) -> Result | Failure:
    """What came of measuring a case; never raises on its account.

    A network takes turns with its yardsticks, which come first.
    """
    try:
        with ExitStack() as stack:
            worker = stack.enter_context(start(case.kind, case, effort))
            said = dict(worker.ready)
            workers = [worker]
            if case.kind == "network":
                known = {name: said[name] for name in ("device", "precision", "frames")}
                workers.insert(0, stack.enter_context(start("yardsticks", case, effort, **known)))
            times = _turns(workers, effort.repeats)
            seconds = times["seconds"]
            if case.kind == "network":
                limits = workers[0].do("limits")
                said["limits"], said["flops"] = Limits(**limits["limits"]), limits["flops"]
                said["stages"] = worker.do("stages", seconds=seconds.median)
                said["reference"], said["min_median"] = times["reference"], times["min_median"]
            said.pop("device", None)
            return Result(
                case=case,
                seconds=seconds,
                latency=times["first"],
                notes=_notes(workers),
                **said,
            )
    except PartError as error:
        return Failure(case=case, reason=str(error))


def measure_adapters(case: Case, effort: Effort) -> AdapterResult | Failure:
    """The engine alone, VapourSynth and files by turns; never raises on the case's account.

    What fails but the engine itself is a note.
    """
    try:
        with ExitStack() as stack:
            engine = stack.enter_context(
                start("network", case, replace(effort, seconds=LONGER * effort.seconds))
            )
            frames = engine.ready["frames"]
            workers, notes = [engine], []
            wanted: dict[str, dict[str, Any]] = {"vapoursynth": {"turns": effort.repeats}, "files": {}}
            for part, more in wanted.items():
                try:
                    workers.append(stack.enter_context(start(part, case, effort, frames=frames, **more)))
                except PartError as error:
                    notes.append(f"{part}: {error}")
            times = _turns(workers, effort.repeats)
            del times["first"]
            return AdapterResult(
                case=case,
                frames=frames,
                engine=times.pop("seconds"),
                encoder=next(
                    (worker.ready["encoder"] for worker in workers if "encoder" in worker.ready), ""
                ),
                notes=(*notes, *_notes(workers)),
                **times,
            )
    except PartError as error:
        return Failure(case=case, reason=str(error))


def _turns(workers: list[Worker], repeats: int) -> dict[str, Spread]:
    """What the parts said, name by name, when each had so many turns."""
    times: dict[str, list[float]] = {}
    for _ in range(repeats):
        for worker in workers:
            for name, value in worker.do("turn").items():
                times.setdefault(name, []).append(value)
    return {name: Spread(tuple(values)) for name, values in times.items()}


def _notes(workers: list[Worker]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note for worker in workers for note in worker.notes))
