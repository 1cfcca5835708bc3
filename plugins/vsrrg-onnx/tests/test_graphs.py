"""Whole graphs do what the network does: any batch, any size, pictures that are held, and step by step."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import torch
from onnx_support import Small, by_torch, demo, descriptor, packed, run
from torch import Tensor
from vsrrg_onnx.export import export_model
from vsrrg_onnx.layout import of_frame

from vsrrg.hooks.resolve import find_model

SIZES = [(4, 4), (8, 20), (36, 12), (48, 80)]
"""Rows and columns of packed frames."""


@pytest.fixture(scope="module")
def clip() -> Tensor:
    return packed(demo(5))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for name in ("small", "fast"):
        model = descriptor() if name == "small" else find_model(name)
        for graph in ("window", "step"):
            export_model(model, folder / f"{name}-{graph}.onnx", graph=graph)  # type: ignore[arg-type]
    return folder


@pytest.mark.parametrize("name", ["small", "fast"])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_window_of_any_size(files: Path, clip: Tensor, name: str, height: int, width: int) -> None:
    network = Small() if name == "small" else find_model(name).load()
    frames = clip[:, :, :height, :width]
    window = torch.stack([frames[0:3], frames[1:4], frames[2:5]])
    rain = run(files / f"{name}-window.onnx", {"window": window})["rain"]
    torch.testing.assert_close(rain, by_torch(network, window), atol=2e-4, rtol=0)
    assert name == "fast" or rain.abs().max() > 0.1


def test_each_item_of_a_batch_is_held_or_not_for_itself(files: Path, clip: Tensor) -> None:
    window = torch.stack([clip[0:3], clip[[3, 3, 3]], clip[[1, 1, 2]]])
    rain = run(files / "small-window.onnx", {"window": window})["rain"]
    torch.testing.assert_close(rain, by_torch(Small(), window), atol=1e-5, rtol=0)
    assert torch.equal(rain[1], 0.25 * clip[3])
    alone = run(files / "small-window.onnx", {"window": window[1:2]})["rain"]
    assert torch.equal(alone[0], rain[1])


@pytest.mark.parametrize("name", ["small", "fast"])
def test_steps_give_what_windows_give(files: Path, clip: Tensor, name: str) -> None:
    network = Small() if name == "small" else find_model(name).load()
    step = onnx.load(files / f"{name}-step.onnx")
    empty = {slot.name: nothing(slot, step, clip) for slot in step.graph.input if slot.name != "frame"}
    numbers = [0, 1, 2, 3, 3, 3, 4]
    held: list[dict[str, Tensor]] = []
    for n, i in enumerate(numbers):
        past = {of_frame(k, key): x for k, made in enumerate(held[-2:]) for key, x in made.items()}
        inputs = {"frame": clip[i : i + 1], **{key: past.get(key, x) for key, x in empty.items()}}
        made = run(files / f"{name}-step.onnx", inputs)
        if n >= 2:
            expected = by_torch(network, clip[numbers[n - 2 : n + 1]][None])
            torch.testing.assert_close(made["rain"], expected, atol=2e-4, rtol=0)
        held.append(made)


def test_openvino_runs_windows_as_well(files: Path, clip: Tensor) -> None:
    openvino = pytest.importorskip("openvino")
    window = torch.stack([clip[0:3], clip[1:4]])
    exactly = {"INFERENCE_PRECISION_HINT": "f32"}  # CPUs with bf16 units would use them.
    rain = openvino.Core().compile_model(str(files / "fast-window.onnx"), "CPU", exactly)({"window": window})
    wanted = run(files / "fast-window.onnx", {"window": window})["rain"]
    torch.testing.assert_close(torch.from_numpy(rain[0]), wanted, atol=2e-4, rtol=0)


@pytest.mark.parametrize("graph", ["window", "step"])
def test_slices_end_where_every_program_finds_the_end(files: Path, graph: str) -> None:
    """There are programs with 32 bits for such numbers."""
    nodes = onnx.load(files / f"fast-{graph}.onnx").graph.node
    numbers = [i for node in nodes if node.op_type == "Constant" for at in node.attribute for i in at.ints]
    assert (1 << 63) - 1 in numbers
    assert {i for i in numbers if abs(i) >= 1 << 31} == {(1 << 63) - 1}


def nothing(slot: onnx.ValueInfoProto, model: onnx.ModelProto, clip: Tensor) -> Tensor:
    """Features as an input wants them for the clip."""
    multiple = int({entry.key: entry.value for entry in model.metadata_props}["multiple"])
    height, width = clip.shape[2:]
    known = {"batch": 1, "rows": height // multiple, "columns": width // multiple}
    sizes = []
    for size in slot.type.tensor_type.shape.dim:
        factor, _, name = size.dim_param.rpartition("*")
        sizes.append(int(factor or 1) * known[name] if name else size.dim_value)
    return torch.zeros(sizes)
