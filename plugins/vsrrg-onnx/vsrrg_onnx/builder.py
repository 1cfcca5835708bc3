"""Builds a graph node by node, and puts whole graphs into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count

import onnx_ir as ir

from vsrrg_onnx.tracing import OPSET

type Make = Callable[[Builder], ir.Value]

_serial = count()
"""Tells the weights of graphs apart that are put into one."""


class Builder:
    """Appends nodes to a graph: `build("Add", x, y)` is the sum."""

    def __init__(self, graph: ir.Graph) -> None:
        self.graph = graph
        self._tape = ir.tape.Tape(graph)

    def __call__(self, operation: str, *inputs: ir.Value, **attributes: float) -> ir.Value:
        return self._tape.op(operation, inputs, attributes)

    def ints(self, *numbers: int) -> ir.Value:
        """A list of numbers."""
        return self._tape.op("Constant", [], {"value_ints": list(numbers)})

    def number(self, number: int) -> ir.Value:
        """A number."""
        return self._tape.op("Constant", [], {"value_int": number})

    def sizes(self, value: ir.Value, start: int, end: int) -> ir.Value:
        """The sizes of the value's dimensions from start to end."""
        return self("Shape", value, start=start, end=end)

    def put(self, part: ir.Model, given: Mapping[str, ir.Value]) -> dict[str, ir.Value]:
        """The outputs of a graph by name, from inputs by name; those that it does not have are ignored."""
        copy, serial = part.graph.clone(), next(_serial)
        for value in copy.inputs:
            value.replace_all_uses_with(given[str(value.name)], replace_graph_outputs=True)
        for value in list(copy.initializers.values()):
            del copy.initializers[str(value.name)]
            value.name = f"{value.name}.{serial}"
            self.graph.register_initializer(value)
        outputs = dict(zip((str(value.name) for value in part.graph.outputs), copy.outputs, strict=True))
        copy.outputs.clear()
        nodes = list(copy)
        copy.remove(nodes)
        self.graph.extend(nodes)
        return outputs

    def equal(self, pairs: Iterable[tuple[ir.Value, ir.Value]]) -> ir.Value:
        """Whether all pairs are equal, for each item of the batch: (N,) float, 1 or 0."""
        alike: ir.Value | None = None
        for one, other in pairs:
            where = self("Cast", self("Equal", one, other), to=ir.DataType.FLOAT)
            whole = self("Reshape", where, self.ints(0, -1))
            every = self("ReduceMin", whole, self.ints(1), keepdims=0)
            alike = every if alike is None else self("Min", alike, every)
        assert alike is not None
        return alike

    def choose(self, first: ir.Value, one: Make, other: Make, *, like: ir.Value) -> ir.Value:
        """For each item of the batch what `one` makes if `first` (N,) is 1, and what `other` makes if it is
        0, both of the shape of `like`; each works only if it is wanted.
        """
        half = self("Constant", value_float=0.5)

        def holds(reduce: str) -> ir.Value:
            return self("Greater", self(reduce, first, keepdims=0), half)

        def select(build: Builder) -> ir.Value:
            mine = build("Greater", build("Reshape", first, build.ints(-1, 1, 1, 1)), half)
            return build("Where", mine, one(build), others)

        def nothing(build: Builder) -> ir.Value:
            return build("ConstantOfShape", build("Shape", like))

        others = self._either(holds("ReduceMin"), nothing, other)
        return self._either(holds("ReduceMax"), select, lambda build: others)

    def _either(self, condition: ir.Value, then: Make, otherwise: Make) -> ir.Value:
        branches = {"then_branch": _branch(then), "else_branch": _branch(otherwise)}
        return self._tape.op("If", [condition], branches)


def _branch(make: Make) -> ir.Graph:
    build = Builder(ir.Graph([], [], nodes=[], opset_imports={"": OPSET}, name="branch"))
    build.graph.outputs.append(build("Identity", make(build)))
    return build.graph
