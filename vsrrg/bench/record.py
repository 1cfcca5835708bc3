"""A whole run, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from vsrrg.bench.case import AdapterResult, Case, Failure, Limits, Result, Spread
from vsrrg.bench.machine import Machine
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
        if data["schema"] != SCHEMA:
            raise OptionError(
                f"{what} was written by another version of vsrrg bench (layout {data['schema']}, this one "
                f"reads {SCHEMA}): measure again with this one"
            )
        return Record(
            vsrrg=str(data["vsrrg"]),
            date=str(data["date"]),
            machine=Machine(**data["machine"]),
            footage=str(data["footage"]),
            results=tuple(_either(one, result_from) for one in data["results"]),
            adapters=tuple(_either(one, adapter_from) for one in data["adapters"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, OptionError):
            raise
        raise OptionError(f"{what} holds no results of vsrrg bench; give a .json that --out wrote") from error


def read_record(path: Path) -> Record:
    """The record in a file; OptionError if it cannot be read or holds none."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise OptionError(f"{str(path)!r} cannot be read: {reason}") from error
    return from_json(text, repr(str(path)))


def plain(value: Any) -> Any:
    """Dataclasses as what JSON has."""
    if isinstance(value, Spread):
        return {"median": value.median, "quartiles": value.quartiles, "values": value.values}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def case_from(data: Mapping[str, Any]) -> Case:
    """The case in its JSON. Raises KeyError or TypeError where it is none."""
    return Case(**data)


def result_from(data: Mapping[str, Any]) -> Result:
    """The result in its JSON. Raises KeyError or TypeError where it is none."""
    values = _read(data, "seconds", "latency", "reference", "min_median")
    values["limits"] = data["limits"] and Limits(**data["limits"])
    values["stages"] = {str(name): float(seconds) for name, seconds in data["stages"].items()}
    return Result(**values)


def adapter_from(data: Mapping[str, Any]) -> AdapterResult:
    """The adapters' result in its JSON. Raises KeyError or TypeError where it is none."""
    return AdapterResult(**_read(data, "engine", "vapoursynth", "derain", "transcode", "decode", "encode"))


def _read(data: Mapping[str, Any], *spreads: str) -> dict[str, Any]:
    values = {**data, "case": case_from(data["case"]), "notes": tuple(data["notes"])}
    for name in spreads:
        if data[name] is not None:
            values[name] = Spread(tuple(float(value) for value in data[name]["values"]))
    return values


def _either[T](data: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T | Failure:
    if "reason" in data:
        return Failure(case=case_from(data["case"]), reason=str(data["reason"]))
    return read(data)
