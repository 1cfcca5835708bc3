"""Two runs side by side: what became faster, what slower, and what is only noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from vsrrg.bench.case import AdapterResult, Case, Failure, Result, Spread
from vsrrg.bench.record import Record
from vsrrg.bench.report import NONE, Table, number
from vsrrg.bench.run import title

LEAST_CHANGE = 0.02
"""Smaller changes are not marked, however little the passes differ."""

type Verdict = Literal["faster", "slower", ""]


@dataclass(frozen=True)
class Pair:
    """One figure in both runs; less is faster."""

    old: Spread
    new: Spread

    @property
    def speed(self) -> float:
        """New speed over old speed."""
        return self.old.median / self.new.median

    @property
    def verdict(self) -> Verdict:
        """Whether the middle halves of the passes lie apart, and the medians differ by 2 % or more."""
        (old_low, old_high), (new_low, new_high) = self.old.quartiles, self.new.quartiles
        if abs(self.new.median / self.old.median - 1) < LEAST_CHANGE:
            return ""
        if new_high < old_low:
            return "faster"
        return "slower" if new_low > old_high else ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What has changed of a case."""

    what: str
    seconds: Pair
    """Seconds a frame."""
    relative: Pair | None = None
    """In units of the reference stack beside it, which other work on the machine slows down as well."""
    stage: tuple[str, float] | None = None
    """The stage whose time changed most, and by how many seconds."""


@dataclass(frozen=True)
class Comparison:
    """All that two runs have in common, and what they have not."""

    changes: tuple[Change, ...]
    remarks: tuple[str, ...]
    """Why figures may not compare, and cases that only one run has."""


def compare(old: Record, new: Record) -> Comparison:
    """The cases that are the same in both runs."""
    before, after = ({one.case: one for one in record.results} for record in (old, new))
    changes = [_change(before[case], after[case]) for case in after if case in before]
    before_through, after_through = ({one.case: one for one in record.adapters} for record in (old, new))
    through = [
        change
        for case in after_through
        if case in before_through
        for change in _adapter_changes(before_through[case], after_through[case])
    ]
    found = tuple(change for change in (*changes, *through) if change is not None)
    return Comparison(found, (*_differences(old, new), *_unmatched(before, after)))


def table(comparison: Comparison) -> Table:
    """The changes, for terminals and Markdown."""
    columns = ("case", "fps before", "fps now", "speed", "against reference", "most in")
    rows = []
    for change in comparison.changes:
        rows.append(
            (
                change.what,
                number(1 / change.seconds.old.median),
                number(1 / change.seconds.new.median),
                _marked(change.seconds),
                NONE if change.relative is None else _marked(change.relative),
                NONE if change.stage is None else f"{change.stage[0]} {1e3 * change.stage[1]:+.2f} ms",
            )
        )
    return Table("Compared with the earlier run", columns, tuple(rows), names=1)


def _marked(pair: Pair) -> str:
    return f"x {pair.speed:.2f} {pair.verdict}".rstrip()


def _change(old: Result | Failure, new: Result | Failure) -> Change | None:
    if isinstance(old, Failure) or isinstance(new, Failure):
        return None
    relative = None
    if old.reference is not None and new.reference is not None:
        relative = Pair(old.seconds.over(old.reference), new.seconds.over(new.reference))
    moved = {
        name: new.stages.get(name, 0.0) - old.stages.get(name, 0.0) for name in {*old.stages, *new.stages}
    }
    return Change(
        what=title(new.case),
        seconds=Pair(old.seconds, new.seconds),
        relative=relative,
        stage=max(moved.items(), key=lambda item: abs(item[1])) if old.stages and new.stages else None,
    )


def _adapter_changes(old: AdapterResult | Failure, new: AdapterResult | Failure) -> Iterator[Change]:
    if isinstance(old, Failure) or isinstance(new, Failure):
        return
    for name, before, after in (
        ("VapourSynth", old.vapoursynth, new.vapoursynth),
        ("derain", old.derain, new.derain),
    ):
        if before is not None and after is not None:
            yield Change(what=f"{title(new.case)}, {name}", seconds=Pair(before, after))


def _differences(old: Record, new: Record) -> Iterator[str]:
    if old.machine.hardware != new.machine.hardware:
        names = [
            f"{machine.cpu}, {machine.cores} cores"
            + (f", {machine.accelerator}" if machine.accelerator else "")
            for machine in (old.machine, new.machine)
        ]
        yield (
            f"different machines: before {names[0]}, now {names[1]}; only the column against the reference "
            "means something"
        )
    for what, before, now in (
        ("torch", old.machine.torch, new.machine.torch),
        ("vsrrg", old.vsrrg, new.vsrrg),
        ("footage", old.footage, new.footage),
    ):
        if before != now:
            yield f"{what}: before {before}, now {now}"
    if old.machine.busy:
        yield f"the machine was busy in the earlier run (load {old.machine.load:.1f})"


def _unmatched(
    before: Mapping[Case, Result | Failure], after: Mapping[Case, Result | Failure]
) -> Iterator[str]:
    for case, one in before.items():
        if case not in after:
            yield f"only in the earlier run: {title(case)}"
        elif isinstance(one, Failure) and isinstance(after[case], Result):
            yield f"failed in the earlier run: {title(case)}: {one.reason}"
        elif isinstance(one, Result) and isinstance(after[case], Failure):
            yield f"fails now: {title(case)}"
    yield from (f"only in this run: {title(case)}" for case in after if case not in before)
    for case, one in before.items():
        other = after.get(case)
        if isinstance(one, Result) and isinstance(other, Result) and one.precision != other.precision:
            yield f"{title(case)}: before in {one.precision}, now in {other.precision}"
