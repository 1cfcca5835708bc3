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


@dataclass(frozen=True, kw_only=True)
class Change:
    """One figure in both runs, in seconds a frame."""

    what: str
    old: Spread
    new: Spread
    old_relative: Spread | None = None
    """In units of the reference stack beside it, which other work on the machine slows down as well."""
    new_relative: Spread | None = None
    stage: tuple[str, float] | None = None
    """The stage whose time changed most, and by how many seconds."""

    @property
    def speed(self) -> float:
        """New speed over old speed."""
        return self.old.median / self.new.median

    @property
    def relative_speed(self) -> float | None:
        """The same in units of the reference stack."""
        if self.old_relative is None or self.new_relative is None:
            return None
        return self.old_relative.median / self.new_relative.median


@dataclass(frozen=True)
class Comparison:
    """All that two runs have in common, and what they have not."""

    changes: tuple[Change, ...]
    remarks: tuple[str, ...]
    """Why figures may not compare, and cases that only one run has."""


def verdict(old: Spread, new: Spread) -> Verdict:
    """Whether the middle halves of the passes lie apart, and the medians differ by 2 % or more."""
    (old_low, old_high), (new_low, new_high) = old.quartiles, new.quartiles
    if abs(new.median / old.median - 1) < LEAST_CHANGE:
        return ""
    if new_high < old_low:
        return "faster"
    return "slower" if new_low > old_high else ""


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
        relative = NONE
        if change.relative_speed and change.old_relative and change.new_relative:
            relative = _marked(change.relative_speed, verdict(change.old_relative, change.new_relative))
        stage = f"{change.stage[0]} {1e3 * change.stage[1]:+.2f} ms" if change.stage else NONE
        rows.append(
            (
                change.what,
                number(1 / change.old.median),
                number(1 / change.new.median),
                _marked(change.speed, verdict(change.old, change.new)),
                relative,
                stage,
            )
        )
    return Table("Compared with the earlier run", columns, tuple(rows))


def _marked(speed: float, said: Verdict) -> str:
    return f"x {speed:.2f} {said}".rstrip()


def _change(old: Result | Failure, new: Result | Failure) -> Change | None:
    if isinstance(old, Failure) or isinstance(new, Failure):
        return None
    relative = (one.seconds.over(one.reference) if one.reference is not None else None for one in (old, new))
    old_relative, new_relative = relative
    moved = {
        name: new.stages.get(name, 0.0) - old.stages.get(name, 0.0) for name in {*old.stages, *new.stages}
    }
    return Change(
        what=title(new.case),
        old=old.seconds,
        new=new.seconds,
        old_relative=old_relative,
        new_relative=new_relative,
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
            yield Change(what=f"{title(new.case)}, {name}", old=before, new=after)


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
