"""From a part of a network to its ONNX graph."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import onnx_ir as ir
import torch
from onnx_ir.passes import common
from onnxscript.optimizer import fold_constants
from torch.export import Dim

from vsrrg_onnx.layout import GRIDS, Leaf
from vsrrg_onnx.parts import Part
from vsrrg_onnx.translations import GIVEN, LAST, translations

OPSET = 18
"""What torch's exporter speaks natively; of newer opsets the CUDA provider of ONNX Runtime lacks kernels."""
_LEAST = 8
"""Rows and columns of a grid that torch may count on; what it concludes from that holds for fewer, too."""
_FLOATS = {torch.float32: ir.DataType.FLOAT, torch.float16: ir.DataType.FLOAT16}


def trace(part: Part) -> ir.Model:
    """The graph of a part, for any batch and any size. Inputs that it does not use are left out.

    Raises whatever torch raises where it cannot make a graph.
    """
    sizes = {0: Dim("batch", min=2), 1: Dim("rows", min=_LEAST), 2: Dim("columns", min=_LEAST)}
    with torch.no_grad(), _quiet():
        program = torch.export.export(
            part,
            (torch.zeros(2, *GRIDS[0]),),
            dynamic_shapes=(sizes,),
            prefer_deferred_runtime_asserts_over_guards=True,
        )
        made = torch.onnx.export(
            program,
            opset_version=OPSET,
            optimize=False,
            verbose=False,
            custom_translation_table=translations(),
        )
    assert made is not None
    model: ir.Model = made.model
    fold_constants(model)
    common.CommonSubexpressionEliminationPass()(model)
    _connect(model.graph, part)
    common.IdentityEliminationPass()(model)
    finish(model)
    return model


def value_of(leaf: Leaf) -> ir.Value:
    """An input or output of a graph; sizes that may be any are called "batch", "rows" and "columns"."""
    value = ir.Value(name=leaf.name)
    describe(value, leaf)
    return value


def describe(value: ir.Value, leaf: Leaf) -> None:
    """Gives a value the leaf's name, type and shape."""
    sizes = [f"{factor}*{name}" for factor, name in ((leaf.down, "rows"), (leaf.across, "columns"))]
    value.name, value.type = leaf.name, ir.TensorType(_FLOATS[leaf.dtype])
    value.shape = ir.Shape(["batch", leaf.channels, *(size.removeprefix("1*") for size in sizes)])


def finish(model: ir.Model) -> None:
    """Removes what a graph does not need, and names what is left: no two values may be called alike, not even
    in branches.
    """
    common.RemoveUnusedNodesPass()(model)
    common.ClearMetadataAndDocStringPass()(model)
    outer = set(model.graph.outputs)
    for number, node in enumerate(model.graph.all_nodes()):
        node.name = f"{node.op_type}.{number}"
        for value in node.outputs:
            if value not in outer:
                value.name, value.shape = f"{node.name}.{value.index()}", None


def _connect(graph: ir.Graph, part: Part) -> None:
    """Makes what stands for inputs the inputs, and names the outputs."""
    (grid,) = graph.inputs
    graph.inputs.clear()
    for node in [node for node in graph if node.op_type == GIVEN]:
        leaf = part.inputs[node.attributes["index"].as_int()]
        value = value_of(leaf)
        node.outputs[0].replace_all_uses_with(value, replace_graph_outputs=True)
        graph.remove(node, safe=True)
        graph.inputs.append(value)
    if grid.uses():
        by_name = {leaf.name: leaf for leaf in part.inputs}
        first = graph.inputs[0]
        assert first.name is not None
        tape = ir.tape.Tape()
        grid.replace_all_uses_with(_cells(tape, first, by_name[first.name]))
        graph.insert_before(graph[0], tape.nodes)
    for i, leaf in enumerate(part.outputs):
        # An output may be an input as it is, which needs a name of its own.
        copy = ir.node("Identity", [graph.outputs[i]])
        graph.append(copy)
        graph.outputs[i] = copy.outputs[0]
        describe(copy.outputs[0], leaf)


def _cells(tape: ir.tape.Tape, value: ir.Value, leaf: Leaf) -> ir.Value:
    """A tensor (N, rows, columns): of each cell of the value's first channel one."""

    def ints(*numbers: int) -> ir.Value:
        return tape.op("Constant", [], {"value_ints": list(numbers)})

    ends = ints(1, LAST, LAST)
    first = tape.op("Slice", [value, ints(0, 0, 0), ends, ints(1, 2, 3), ints(1, leaf.down, leaf.across)])
    return tape.op("Squeeze", [first, ints(1)])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the exporter from warning of packages that it could also serve."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
