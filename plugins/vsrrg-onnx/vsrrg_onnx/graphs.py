"""Whole graphs from the parts of a network: the plain window, and the step of a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import onnx_ir as ir
from onnx_ir.passes import common

from vsrrg_onnx.builder import Builder
from vsrrg_onnx.layout import Leaf, of_frame, packed
from vsrrg_onnx.tracing import OPSET, describe, finish, value_of

type GraphName = Literal["window", "step"]
GRAPHS: tuple[GraphName, ...] = get_args(GraphName.__value__)
type Parts = Mapping[str, ir.Model]


def compose(
    graph: GraphName, parts: Parts, leaves: Sequence[Leaf], *, radius: int, multiple: int
) -> ir.Model:
    """A whole graph from the parts "encode", "fuse" and, if there is one, "still", and the features' leaves.

    - "window": input "window" (N, 2 * radius + 1, 6, h, w), output "rain" (N, 6, h, w), that of its middle.
    - "step": inputs "frame" (N, 6, h, w), the newest of a window, and of those before, oldest first, what it
      needs of the features "features0...", "features1..." and so on; outputs "rain", and "features...", those
      of the newest.
    """
    frames = 2 * radius + 1
    whole = _window(parts, frames, multiple) if graph == "window" else _step(parts, frames, multiple)
    rain = packed("rain", multiple)
    for value, leaf in zip(whole.outputs, (rain, *leaves), strict=False):
        describe(value, leaf)
    model = ir.Model(whole, ir_version=parts["fuse"].ir_version)
    common.LiftSubgraphInitializersToMainGraphPass()(model)
    common.DeduplicateInitializersPass()(model)
    finish(model)
    return model


def _window(parts: Parts, frames: int, multiple: int) -> ir.Graph:
    window = value_of(packed("window", multiple))
    assert window.shape is not None
    window.shape = ir.Shape([window.shape[0], frames, *window.shape[1:]])
    build = Builder(ir.Graph([window], [], nodes=[], opset_imports={"": OPSET}, name="window"))

    def frame(build: Builder, place: int) -> ir.Value:
        return build("Gather", window, build.number(place), axis=1)

    def video(build: Builder) -> ir.Value:
        every = build("Reshape", window, build("Concat", build.ints(-1), build.sizes(window, 2, 5), axis=0))
        apart: dict[str, ir.Value] = {}
        for name, value in build.put(parts["encode"], {"frame": every}).items():
            sizes = build("Concat", build.sizes(window, 0, 2), build.sizes(value, 1, 4), axis=0)
            clip = build("Reshape", value, sizes)
            for i in range(frames):
                apart[of_frame(i, name)] = build("Gather", clip, build.number(i), axis=1)
        return build.put(parts["fuse"], apart)["rain"]

    def still(build: Builder) -> ir.Value:
        return build.put(parts["still"], build.put(parts["encode"], {"frame": frame(build, 0)}))["rain"]

    if "still" in parts:
        same = build.equal([(window, build("Unsqueeze", frame(build, 0), build.ints(1)))])
        rain = build.choose(same, still, video, like=frame(build, 0))
    else:
        rain = video(build)
    build.graph.outputs.append(build("Identity", rain))
    return build.graph


def _step(parts: Parts, frames: int, multiple: int) -> ir.Graph:
    frame = value_of(packed("frame", multiple))
    names = [str(value.name) for value in parts["encode"].graph.outputs]
    present = {of_frame(frames - 1, name): name for name in names}
    past = {
        str(value.name): ir.Value(name=value.name, shape=value.shape, type=value.type)
        for value in parts["fuse"].graph.inputs
        if value.name not in present
    }
    graph = ir.Graph([frame, *past.values()], [], nodes=[], opset_imports={"": OPSET}, name="step")
    build = Builder(graph)
    features = build.put(parts["encode"], {"frame": frame})

    def video(build: Builder) -> ir.Value:
        newest = {given: features[name] for given, name in present.items()}
        return build.put(parts["fuse"], {**past, **newest})["rain"]

    def still(build: Builder) -> ir.Value:
        return build.put(parts["still"], features)["rain"]

    if "still" in parts:
        alike = {of_frame(i, name): features[name] for i in range(frames) for name in names}
        same = build.equal([(value, alike[name]) for name, value in past.items()])
        rain = build.choose(same, still, video, like=frame)
    else:
        rain = video(build)
    graph.outputs.extend(build("Identity", value) for value in (rain, *features.values()))
    return graph
