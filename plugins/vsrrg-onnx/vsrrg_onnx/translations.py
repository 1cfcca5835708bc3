"""ONNX for operations of torch that its exporter has no translation for, or a slow one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import onnx
import onnxscript
import torch
from onnxscript import opset18 as op

DOMAIN = "vsrrg"
GIVEN = "Given"
"""Stands for an input of a graph that is being made; see `parts.given`."""

type Value = Any
"""A value in a graph that is being made."""

LAST = (1 << 63) - 1
"""The end of a slice that goes to the end, as all programs know it; others than ONNX Runtime take other large
numbers for small ones.
"""


def translations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """What `torch.onnx.export` takes as `custom_translation_table`."""
    aten = torch.ops.aten
    return {
        torch.ops.vsrrg_onnx.given.default: _given,
        aten.median.dim: _median,
        aten.slice_scatter.default: _slice_scatter,
        aten.select_scatter.default: _select_scatter,
        operator.floordiv: _floordiv,
    }


def _given(grid: Value, index: int, channels: int, down: int, across: int, dtype: int) -> Value:
    return _opset().Given(grid, index=index)


def _opset() -> Any:
    """The operations of our own."""
    if not onnx.defs.has(GIVEN, DOMAIN):
        kind = onnx.defs.OpSchema
        schema = kind(
            GIVEN,
            DOMAIN,
            1,
            inputs=[kind.FormalParameter("grid", "T")],
            outputs=[kind.FormalParameter("given", "T")],
            type_constraints=[("T", ["tensor(float)", "tensor(float16)"], "")],
            attributes=[kind.Attribute("index", kind.AttrType.INT)],
        )
        onnx.defs.register_schema(schema)
    return onnxscript.values.Opset(DOMAIN, 1)


def _floordiv(self: Value, other: Value) -> Value:
    """Of sizes; ONNX divides toward zero."""
    return op.Div(op.Sub(self, op.Mod(self, other)), other)


def _median(self: Value, dim: int, keepdim: bool = False) -> tuple[Value, Value]:
    """torch's median is the lower one of two."""
    size = op.Gather(op.Shape(self), _ints(dim))
    half = op.Div(op.Add(size, _ints(1)), _ints(2))
    values, places = op.TopK(self, half, axis=dim, largest=0)
    last = op.Sub(half, _ints(1))
    found = op.Gather(values, last, axis=dim), op.Gather(places, last, axis=dim)
    return found if keepdim else (op.Squeeze(found[0], _ints(dim)), op.Squeeze(found[1], _ints(dim)))


def _slice_scatter(
    self: Value, src: Value, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Value:
    """Assignment to a part, as a concatenation."""
    if step != 1 or not isinstance(start or 0, int) or not isinstance(end or 0, int):
        raise NotImplementedError("assignment to parts that are no whole range of known ends")
    return _between(self, src, dim, start or 0, LAST if end is None else end)


def _select_scatter(self: Value, src: Value, dim: int, index: int) -> Value:
    return _between(self, op.Unsqueeze(src, _ints(dim)), dim, index, LAST if index == -1 else index + 1)


def _between(whole: Value, part: Value, dim: int, start: int, end: int) -> Value:
    """The whole with another part from start to end."""
    pieces = [part]
    if start != 0:
        pieces.insert(0, op.Slice(whole, _ints(0), _ints(start), _ints(dim)))
    if end < LAST:
        pieces.append(op.Slice(whole, _ints(end), _ints(LAST), _ints(dim)))
    return op.Concat(*pieces, axis=dim) if len(pieces) > 1 else op.Identity(part)


def _ints(*values: int) -> Value:
    return op.Constant(value_ints=list(values))
