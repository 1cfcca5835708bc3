"""Dataclasses as what JSON has, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeAliasType, get_args, get_origin, get_type_hints

from vsrrg.bench.case import Spread

DERIVED = {"median", "quartiles"}
"""What is written of a `Spread` beside its values, for other readers."""


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


def read(kind: Any, data: Any) -> Any:
    """The value of this type that `plain` made the data of; ValueError or TypeError where it is none."""
    if isinstance(kind, TypeAliasType):
        return read(kind.__value__, data)
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, UnionType):
        return _read_any(inner, data)
    if origin is Literal and data in inner:
        return data
    if origin is tuple and isinstance(data, list):
        return tuple(read(inner[0], item) for item in data)
    if origin is Mapping and isinstance(data, dict):
        return {read(inner[0], key): read(inner[1], item) for key, item in data.items()}
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(data, dict):
        kinds = get_type_hints(kind)
        known = data.keys() - DERIVED if kind is Spread else data.keys()
        return kind(**{name: read(kinds.get(name), data[name]) for name in known})
    if kind is float and type(data) is int:
        return float(data)
    if type(data) is kind:
        return data
    raise ValueError(f"{data!r} is no {kind}")


def _read_any(kinds: tuple[Any, ...], data: Any) -> Any:
    for kind in kinds[:-1]:
        try:
            return read(kind, data)
        except (ValueError, TypeError):
            continue
    return read(kinds[-1], data)
