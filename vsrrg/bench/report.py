"""A run as tables, for terminals and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vsrrg.bench.case import AdapterResult, Failure, Result, Spread
from vsrrg.bench.machine import Machine
from vsrrg.bench.record import Record
from vsrrg.bench.reference import FLOPS
from vsrrg.bench.run import title
from vsrrg.bench.stages import in_order

NONE = "-"
CASE = ("size", "format", "method")
"""The first columns of every table."""


@dataclass(frozen=True)
class Table:
    """Plain text in columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int
    """So many columns, the first ones, say what a row is about."""


def tables(record: Record) -> list[Table]:
    """What there is to show of a run: speed always, other tables and columns where something was measured."""
    found = [speed(record), stages(record), limits(record), adapters(record)]
    return [_filled(table) for table in found if table.rows]


def speed(record: Record) -> Table:
    """Speed and memory of every case."""
    columns: dict[str, Callable[[Result], str]] = {
        "fps": lambda one: number(one.fps),
        "quartiles": lambda one: " to ".join(number(1 / side) for side in reversed(one.seconds.quartiles)),
        "ms": lambda one: number(1e3 * one.seconds.median),
        "start, s": lambda one: f"{one.start:.2f}",
        "latency, ms": lambda one: number(1e3 * one.latency.median),
        "RAM, MB": lambda one: f"{one.peak_ram / 1e6:.0f}",
        "VRAM, MB": lambda one: NONE if one.peak_vram is None else f"{one.peak_vram / 1e6:.0f}",
        "x min-median": lambda one: _times(one.seconds, one.min_median),
        "x reference": lambda one: _times(one.seconds, one.reference),
        "of limit": lambda one: _limit(one.limit_share),
    }
    return _table("Speed", columns, record.results)


def stages(record: Record) -> Table:
    """Milliseconds a frame by stage, those of the file included where the adapters were measured."""
    files = {one.case: one for one in record.adapters if isinstance(one, AdapterResult)}
    results = [one for one in record.measured if one.stages]
    names = in_order(name for one in results for name in one.stages)
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
    return Table("Stages, ms a frame", (*CASE, *names, "engine"), tuple(rows), len(CASE))


def limits(record: Record) -> Table:
    """What the hardware did at its best, and what the network asks of it."""
    work = ("GFLOP a frame", "GFLOP/s", "matrix GFLOP/s", "reference GFLOP/s")
    paths = ("copy, GB/s", "upload, GB/s", "download, GB/s", "device copy, GB/s")
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
    return Table("Limits, measured beside each case", (*CASE, *work, *paths), tuple(rows), len(CASE))


def adapters(record: Record) -> Table:
    """What the adapters leave of the engine's speed."""
    columns: dict[str, Callable[[AdapterResult], str]] = {
        "engine, fps": lambda one: _fps(one.engine),
        "VapourSynth, fps": lambda one: _fps(one.vapoursynth),
        "of engine": lambda one: _share(one.vapoursynth_share),
        "derain, fps": lambda one: _fps(one.derain),
        "ffmpeg alone, fps": lambda one: _fps(one.transcode),
        "of the slower": lambda one: _share(one.derain_share),
        "of both in turn": lambda one: _share(one.derain_overlap),
        "encoder": lambda one: one.encoder or NONE,
    }
    return _table("Adapters", columns, record.adapters)


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
    if threads:
        parts.append(f"{' or '.join(map(str, threads))} thread{'s' * (threads != [1])}")
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
    """What worked, in a cell: "general, torch, bf16, 2.0G, lookahead 0"."""
    case = one.case
    if case.kind != "network":
        return f"{case.kind}, {case.backend}"
    precision = one.precision if isinstance(one, Result) else case.precision
    return ", ".join(filter(None, (case.model, case.backend, precision, *case.settings)))


def _table[T: Result | AdapterResult](
    title: str, columns: Mapping[str, Callable[[T], str]], results: Sequence[T | Failure]
) -> Table:
    """A row for each; the columns say what stands in it."""
    rows = []
    for one in results:
        if isinstance(one, Failure):
            cells = ["failed", *[NONE] * (len(columns) - 1)]
        else:
            cells = [cell(one) for cell in columns.values()]
        rows.append((*_names(one), *cells))
    return Table(title, (*CASE, *columns), tuple(rows), len(CASE))


def _filled(table: Table) -> Table:
    """The table without columns in which nothing stands."""
    kept = [i for i in range(len(table.columns)) if any(row[i] != NONE for row in table.rows)]
    columns, *rows = (tuple(line[i] for i in kept) for line in (table.columns, *table.rows))
    return replace(table, columns=columns, rows=tuple(rows))


def _names(one: Result | AdapterResult | Failure) -> tuple[str, str, str]:
    return one.case.size, one.case.format, method(one)


def _times(spread: Spread, other: Spread | None) -> str:
    return NONE if other is None else number(spread.over(other).median)


def _limit(share: tuple[float, str] | None) -> str:
    return NONE if share is None else f"{percent(share[0])} ({share[1]})"


def _share(share: Spread | None) -> str:
    return NONE if share is None else percent(share.median)


def _ms(seconds: float | None) -> str:
    return NONE if seconds is None else f"{1e3 * seconds:.2f}"


def _fps(seconds: Spread | None) -> str:
    return NONE if seconds is None else number(1 / seconds.median)
