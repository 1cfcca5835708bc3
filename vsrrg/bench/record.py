"""A whole run, and its JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vsrrg.bench.case import AdapterResult, Failure, Result
from vsrrg.bench.machine import Machine
from vsrrg.bench.plain import plain, read
from vsrrg.errors import OptionError

SCHEMA = 1
"""Number of the layout of the JSON; raised when old files can no longer be read."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that one run of `vsrrg bench` found."""

    vsrrg: str
    """Version."""
    date: str
    """When the run began: ISO 8601 with time zone."""
    machine: Machine
    footage: str
    results: tuple[Result | Failure, ...]
    adapters: tuple[AdapterResult | Failure, ...] = ()

    @property
    def failures(self) -> list[Failure]:
        return [one for one in (*self.results, *self.adapters) if isinstance(one, Failure)]

    @property
    def measured(self) -> list[Result]:
        return [one for one in self.results if isinstance(one, Result)]


def to_json(record: Record) -> str:
    """The record as JSON: times in seconds, memory in bytes; medians and quartiles beside the values."""
    return json.dumps({"schema": SCHEMA, **plain(record)}, indent=2) + "\n"


def from_json(text: str, what: str) -> Record:
    """The record in a JSON text; `what` names it in messages.

    Raises:
        OptionError: it is no such JSON, or one of another version.
    """
    try:
        data = json.loads(text)
        schema = data.pop("schema")
        if schema == SCHEMA:
            record: Record = read(Record, data)
            return record
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise OptionError(
            "unreadable-results", f"{what} holds no results of vsrrg bench; give a .json that --out wrote"
        ) from error
    raise OptionError(
        "unreadable-results",
        f"{what} was written by another version of vsrrg bench (layout {schema}, this one reads {SCHEMA}): "
        "measure again with this one",
    )


def read_record(path: Path) -> Record:
    """The record in a file; OptionError if it cannot be read or holds none."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise OptionError(
            "unreadable-results", f"{str(path)!r} cannot be read: {reason}; give a .json that --out wrote"
        ) from error
    return from_json(text, repr(str(path)))
