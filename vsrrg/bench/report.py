"""A run as tables, for terminals and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vsrrg.bench.case import AdapterResult, Failure, Result, Spread
from vsrrg.bench.machine import Machine
from vsrrg.bench.record import Record
from vsrrg.bench.reference import FLOPS
from vsrrg.bench.run import title
from vsrrg.bench.stages import ORDER, REST

NONE = "-"


@dataclass(frozen=True)
class Table:
    """Plain text in columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(record: Record) -> list[Table]:
    """What there is to show of a run: speed always, the rest where something was measured."""
    found = [speed(record), stages(record), limits(record), adapters(record)]
    return [table for table in found if table.rows]


def speed(record: Record) -> Table:
    """Speed and memory of every case."""
    columns: tuple[str, ...] = (
        "size",
        "format",
        "method",
        "fps",
        "quartiles",
        "ms",
        "start, s",
        "latency, ms",
        "RAM, MB",
    )
    columns += ("VRAM, MB", "x min-median", "x reference", "of limit")
    rows = []
    for one in record.results:
        if isinstance(one, Failure):
            rows.append((*_names(one), "failed", *[NONE] * (len(columns) - 4)))
            continue
        low, high = one.seconds.quartiles
        share = one.limit_share
        rows.append(
            (
                *_names(one),
                number(one.fps),
                f"{number(1 / high)} to {number(1 / low)}",
                number(1e3 * one.seconds.median),
                f"{one.start:.2f}",
                number(1e3 * one.latency.median),
                f"{one.peak_ram / 1e6:.0f}",
                NONE if one.peak_vram is None else f"{one.peak_vram / 1e6:.0f}",
                _times(one.seconds, one.min_median),
                _times(one.seconds, one.reference),
                NONE if share is None else f"{percent(share[0])} ({share[1]})",
            )
        )
    return Table("Speed", columns, tuple(rows))


def stages(record: Record) -> Table:
    """Milliseconds a frame by stage, those of the file included where the adapters were measured."""
    files = {one.case: one for one in record.adapters if isinstance(one, AdapterResult)}
    results = [one for one in record.measured if one.stages]
    seen = {name for one in results for name in one.stages}
    names = [name for name in ORDER if name in seen] + sorted(seen - {*ORDER, REST})
    names += [REST] if results else []
    with_files = any(one.decode for one in files.values())
    rows = []
    for one in results:
        cells = [_ms(one.stages.get(name)) for name in names]
        if with_files:
            file = files.get(one.case)
            ends = (file.decode, file.encode) if file else (None, None)
            decode, encode = (_ms(None if spread is None else spread.median) for spread in ends)
            cells = [decode, *cells, encode]
        rows.append((*_names(one), *cells, number(1e3 * one.seconds.median)))
    if with_files:
        names = ["file decode", *names, "file encode"]
    return Table("Stages, ms a frame", ("size", "format", "method", *names, "engine"), tuple(rows))


def limits(record: Record) -> Table:
    """What the hardware did at its best, and what the network asks of it."""
    columns: tuple[str, ...] = (
        "size",
        "format",
        "method",
        "GFLOP a frame",
        "GFLOP/s",
        "matrix GFLOP/s",
        "reference GFLOP/s",
    )
    columns += ("copy, GB/s", "upload, GB/s", "download, GB/s", "device copy, GB/s")
    rows = []
    for one in record.measured:
        if one.limits is None or one.reference is None:
            continue
        speeds = (one.limits.copy, one.limits.upload, one.limits.download, one.limits.device_copy)
        rows.append(
            (
                *_names(one),
                NONE if one.flops is None else number(one.flops / 1e9),
                NONE if one.flops is None else number(one.flops * one.fps / 1e9),
                number(one.limits.matrix / 1e9),
                number(FLOPS / one.reference.median / 1e9),
                *(NONE if speed is None else number(speed / 1e9) for speed in speeds),
            )
        )
    return Table("Limits, measured beside each case", columns, tuple(rows))


def adapters(record: Record) -> Table:
    """What the adapters leave of the engine's speed."""
    columns: tuple[str, ...] = (
        "size",
        "format",
        "method",
        "engine, fps",
        "VapourSynth, fps",
        "of engine",
        "derain, fps",
    )
    columns += ("ffmpeg alone, fps", "of the slower", "of both in turn", "encoder")
    rows = []
    for one in record.adapters:
        if isinstance(one, Failure):
            rows.append((*_names(one), "failed", *[NONE] * (len(columns) - 4)))
            continue
        shares = (one.vapoursynth_share, one.derain_share, one.derain_overlap)
        through, file, both = (NONE if share is None else percent(share.median) for share in shares)
        rows.append(
            (
                *_names(one),
                _fps(one.engine),
                _fps(one.vapoursynth),
                through,
                _fps(one.derain),
                _fps(one.transcode),
                file,
                both,
                one.encoder or NONE,
            )
        )
    return Table("Adapters", columns, tuple(rows))


def remarks(record: Record) -> Iterator[str]:
    """What readers of the tables must know: a busy machine, warnings, failures."""
    if record.machine.busy:
        yield (
            f"the machine was busy (load {record.machine.load:.1f} on {record.machine.cores} cores before "
            "the start): the figures are too low; measure again when it is idle"
        )
    notes: dict[str, None] = {}
    for one in (*record.results, *record.adapters):
        if isinstance(one, Failure):
            yield f"failed: {title(one.case)}: {one.reason}"
        else:
            notes |= dict.fromkeys(one.notes)
    yield from notes


def heading(record: Record) -> str:
    """Machine, versions and footage in a line."""
    machine: Machine = record.machine
    parts = [f"{machine.cpu}, {machine.cores} cores", machine.accelerator, f"torch {machine.torch}"]
    threads = sorted({one.threads for one in record.measured if one.case.kind == "network" and one.threads})
    parts += [f"{' or '.join(map(str, threads))} threads" if threads else ""]
    parts += [f"vsrrg {record.vsrrg}", record.footage, record.date]
    return "; ".join(part for part in parts if part)


def to_markdown(tables: Sequence[Table], head: str, remarks: Sequence[str]) -> str:
    """The tables as Markdown, under the machine and over the remarks."""
    parts = [head]
    for table in tables:
        lines = [table.columns, tuple("---" for _ in table.columns), *table.rows]
        rows = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
        parts.append(f"### {table.title}\n\n{rows}")
    if remarks:
        parts.append("\n".join(f"- {remark}" for remark in remarks))
    return "\n\n".join(parts) + "\n"


def number(value: float) -> str:
    """Three significant digits, or all before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def method(one: Result | AdapterResult | Failure) -> str:
    """What worked, in a cell: "general, torch, bf16, 2 GiB"."""
    case = one.case
    if case.kind != "network":
        return f"{case.kind}, {case.backend}"
    precision = one.precision if isinstance(one, Result) else case.precision
    budget = f"{case.max_memory / 2**30:.3g} GiB" if case.max_memory else None
    return ", ".join(filter(None, (case.model, case.backend, precision, budget)))


def _names(one: Result | AdapterResult | Failure) -> tuple[str, str, str]:
    return one.case.size, one.case.format, method(one)


def _times(spread: Spread, other: Spread | None) -> str:
    return NONE if other is None else number(spread.over(other).median)


def _ms(seconds: float | None) -> str:
    return NONE if seconds is None else f"{1e3 * seconds:.2f}"


def _fps(seconds: Spread | None) -> str:
    return NONE if seconds is None else number(1 / seconds.median)
