"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

type State = Literal["ok", "note", "problem"]
"""note: it works, but not at its best, or was not looked at. problem: it does not work."""


@dataclass(frozen=True)
class Finding:
    """What a check has found."""

    state: State
    found: str
    """For people, in a few words."""
    advice: str = ""
    """What to do, in one sentence; empty where all is well."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs: JSON values."""


def ok(found: str, **facts: Any) -> Finding:
    """All is well."""
    return Finding("ok", found, facts=facts)


def note(found: str, advice: str, **facts: Any) -> Finding:
    """It works, but could be better."""
    return Finding("note", found, advice, facts)


def problem(found: str, advice: str, **facts: Any) -> Finding:
    """It does not work."""
    return Finding("problem", found, advice, facts)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing to look at."""

    name: str
    examine: Callable[[], Finding]
    """A function of a module. It runs in a process of its own, and may raise, hang or crash."""
    remedy: str
    """What to do where it does any of these, in one sentence."""
    after: tuple[str, ...] = ()
    """Checks without which this one has nothing to look at."""
    needed: bool = True
    """Whether `vsrrg derain` needs what is looked at."""
    limit: float = 60
    """Seconds until it counts as hanging."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What all checks have found, by their names, in order."""

    checks: tuple[Check, ...]
    findings: Mapping[str, Finding]

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that found a problem."""
        return tuple(name for name, finding in self.findings.items() if finding.state == "problem")

    @property
    def derains(self) -> bool:
        """Whether `vsrrg derain` works here."""
        return not any(check.needed and check.name in self.failed for check in self.checks)
