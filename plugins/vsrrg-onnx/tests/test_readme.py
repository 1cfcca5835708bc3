"""The README's loop over steps gives what windows give; its options are those of the command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnx_support import by_torch, demo, packed
from vsrrg_onnx.command import export
from vsrrg_onnx.export import OPSETS, export_model
from vsrrg_onnx.graphs import GRAPHS

from vsrrg.hooks.resolve import find_model

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_loop_over_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = (block for block in re.findall(r"```python\n(.*?)```", README, re.S) if "step.onnx" in block)
    export_model(find_model("fast"), tmp_path / "step.onnx", graph="step")
    monkeypatch.chdir(tmp_path)
    clip, layers = packed(demo(5)), list[Any]()
    exec(code, {"frames": [frame[None].numpy() for frame in clip], "subtract": layers.append})
    windows = torch.stack([clip[0:3], clip[1:4], clip[2:5]])
    expected = by_torch(find_model("fast").load(), windows).numpy()
    np.testing.assert_allclose(np.concatenate(layers), expected, atol=2e-4)


def test_the_options() -> None:
    options = {option.name: option for option in export.params}
    assert all(f"`{graph}`" in README for graph in GRAPHS) and f"{OPSETS[0]} to {OPSETS[-1]}" in README
    assert (options["opset"].type.min, options["opset"].type.max) == (OPSETS[0], OPSETS[-1])  # type: ignore[attr-defined]
    assert tuple(options["graph"].type.choices) == GRAPHS  # type: ignore[attr-defined]
