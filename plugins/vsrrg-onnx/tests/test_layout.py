"""What features may be, and what is said where they are something else."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from onnx_support import Levels, Small, descriptor
from torch import Tensor, nn
from vsrrg_onnx.layout import Leaf, layout_of, named_leaves, of_frame
from vsrrg_onnx.model import onnx_model

from vsrrg.errors import ModelError, OptionError


def test_leaves_are_named_by_their_place() -> None:
    network = Small()
    layout = layout_of(network, 2)
    assert layout.leaves == (Leaf("features.frame", 6, 2, 2), Leaf("features.deep.0", 4, 1, 1))
    assert of_frame(2, "features.deep.0") == "features2.deep.0"
    assert [name for name, _ in named_leaves(torch.zeros(1))] == ["features"]
    features = network.encode(torch.rand(1, 6, 8, 8))
    again = layout.nest(tensor for _, tensor in named_leaves(features))
    assert isinstance(again, Levels) and again.deep[1] is None
    assert again.frame is features.frame and again.deep[0] is features.deep[0]


class Odd(nn.Module):
    """Its features are what the test wants."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def encode(self, packed: Tensor) -> Any:
        kinds = {
            "a set": lambda: {"frame": packed},
            "a mean": lambda: packed.mean((2, 3)),
            "cut": lambda: packed[:, :, 1:],
            "the data": lambda: packed if packed.sum() > 0 else packed + 1,
        }
        return kinds[self.kind]()

    def fuse(self, window: Any) -> Tensor:
        rain: Tensor = window[1]
        return rain


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("a set", "its features hold a dict"),
        ("a mean", "its features have 2 dimensions instead of 4"),
        ("cut", "the size of its features is no multiple of the frame's"),
        ("the data", "."),
    ],
)
def test_what_cannot_become_a_graph_is_refused_in_a_sentence(kind: str, reason: str) -> None:
    with pytest.raises(ModelError, match=rf"model 'odd' cannot become an ONNX graph \(.*{reason}") as refusal:
        onnx_model(descriptor(lambda: Odd(kind), "odd"), "fp32")
    assert "\n" not in str(refusal.value) and str(refusal.value).endswith("use the backend 'torch'")


def test_precisions_that_graphs_or_models_have_not_are_refused() -> None:
    with pytest.raises(OptionError, match="no ONNX graphs in bf16: choose fp32, fp16"):
        onnx_model(descriptor(halves=frozenset({"bf16", "fp16"})), "bf16")
    with pytest.raises(OptionError, match="no ONNX graphs in fp16: choose fp32"):
        onnx_model(descriptor(halves=frozenset()), "fp16")
