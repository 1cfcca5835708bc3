"""A whole graph as a file, for any program that runs ONNX."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import onnx
import onnx_ir as ir
import torch
from onnxscript.version_converter import convert_version
from torch import Tensor

from vsrrg import __version__
from vsrrg.errors import ModelError, OptionError
from vsrrg.files import write_whole
from vsrrg.models import ModelDescriptor, Precision
from vsrrg_onnx.graphs import GRAPHS, GraphName, compose
from vsrrg_onnx.layout import of_frame
from vsrrg_onnx.model import HERE, OnnxModel, onnx_model
from vsrrg_onnx.runtime import Graph
from vsrrg_onnx.tracing import OPSET
from vsrrg_onnx.verify import Rain

OPSETS = range(OPSET, 24)
SUFFIX = ".onnx"
UNITS = "luma 0..1 in the phases top left, top right, bottom left, bottom right; Cb and Cr -0.5..0.5"


def export_model(
    descriptor: ModelDescriptor,
    target: Path,
    *,
    graph: GraphName = "window",
    opset: int = OPSET,
    precision: Precision = "fp32",
) -> None:
    """Write a graph of a model. The file appears once it was checked, and gave what the model gives in torch.

    Raises:
        ModelError: no graph can be made of the model, or the file cannot be written or does not end in .onnx.
        OptionError: there is no such graph, opset or precision; or ONNX Runtime is not installed.
    """
    if graph not in GRAPHS or opset not in OPSETS:
        raise OptionError(
            "onnx-unknown-graph",
            f"there is no graph {graph!r} in opset {opset}: choose {' or '.join(GRAPHS)}, "
            f"and an opset from {OPSETS[0]} to {OPSETS[-1]}",
        )
    _check(target)
    model = onnx_model(descriptor, precision)
    content = _content(model, graph, opset)
    onnx.checker.check_model(content, full_check=True)
    opened = Graph(content, HERE)
    model.verify(_windowed(opened) if graph == "window" else _stepwise(opened, model))
    try:
        write_whole(target, content)
    except OSError as error:
        raise ModelError("target-unwritable", f"cannot write {target}: {error.strerror or error}") from error


def _check(target: Path) -> None:
    """Refuses at once what could not be written after minutes of work."""
    if target.suffix != SUFFIX:
        raise ModelError("wrong-suffix", f"{str(target)!r} is to be an ONNX graph: name it {SUFFIX}")
    if not target.parent.is_dir():
        raise ModelError(
            "target-folder-missing", f"cannot write {target}: there is no folder {target.parent}"
        )
    if target.is_dir():
        raise ModelError("target-is-folder", f"cannot write {target}: it is a folder")
    if not os.access(target.parent, os.W_OK):
        raise ModelError("target-unwritable", f"cannot write {target}: its folder cannot be written")


def _content(model: OnnxModel, graph: GraphName, opset: int) -> bytes:
    descriptor = model.descriptor
    parts = {name: ir.from_proto(onnx.load_from_string(part)) for name, part in model.parts.items()}
    made = compose(graph, parts, model.layout.leaves, radius=descriptor.radius, multiple=descriptor.multiple)
    if opset != OPSET:
        convert_version(made, opset)
    made.producer_name, made.producer_version = "vsrrg", __version__
    made.metadata_props.update(
        {
            "vsrrg": __version__,
            "model": descriptor.name,
            "version": str(descriptor.card.get("version", "")),
            "sha256": str(descriptor.card.get("sha256", "")),
            "graph": graph,
            "radius": str(descriptor.radius),
            "multiple": str(descriptor.multiple),
            "units": UNITS,
            "precision": model.precision,
            "opset": str(opset),
        }
    )
    content: bytes = ir.to_proto(made).SerializeToString()
    return content


def _windowed(graph: Graph) -> Rain:
    def rain(frames: Sequence[Tensor]) -> Tensor:
        made = torch.empty_like(frames[0])
        graph.run({"window": torch.stack(list(frames), 1)}, {"rain": made})
        return made

    return rain


def _stepwise(graph: Graph, model: OnnxModel) -> Rain:
    """The rain of the last of as many steps as a window has frames; the past that the first find is empty."""
    leaves, multiple = model.layout.leaves, model.descriptor.multiple

    def rain(frames: Sequence[Tensor]) -> Tensor:
        batch, _, height, width = frames[0].shape
        grid = height // multiple, width // multiple

        def empty() -> dict[str, Tensor]:
            return {leaf.name: torch.zeros(leaf.shape(batch, *grid), dtype=leaf.dtype) for leaf in leaves}

        made, past = torch.empty_like(frames[0]), [empty() for _ in frames[1:]]
        for frame in frames:
            inputs = {of_frame(i, k): x for i, features in enumerate(past) for k, x in features.items()}
            newest = empty()
            graph.run({"frame": frame, **inputs}, {"rain": made, **newest})
            past = [*past[1:], newest]
        return made

    return rain
