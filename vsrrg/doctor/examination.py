"""A whole examination: every check in order, but those that an earlier problem leaves nothing to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vsrrg.doctor.check import Check, Finding, Report, note
from vsrrg.doctor.process import Examiner

type Tell = Callable[[str], None]
"""Told what is looked at next."""


def examine(checks: Sequence[Check], tell: Tell = lambda what: None) -> Report:
    """Runs all checks; whatever they do, each has a finding."""
    findings: dict[str, Finding] = {}
    with Examiner() as examiner:
        for check in checks:
            missing = [name for name in check.after if findings[name].state == "problem"]
            if missing:
                findings[check.name] = note("not looked at", f"Put {' and '.join(missing)} right first.")
            else:
                tell(check.name)
                findings[check.name] = examiner.ask(check)
    return Report(checks=tuple(checks), findings=findings)
