"""Operations that ONNX has not, or has otherwise, at sizes that are unknown when the graph is made."""

from __future__ import annotations

from collections.abc import Callable

import onnx_ir as ir
import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from vsrrg_onnx.layout import Leaf
from vsrrg_onnx.parts import Part
from vsrrg_onnx.tracing import trace

FRAME = Leaf("frame", 2, 1, 1)


def lower_median(x: Tensor) -> Tensor:
    return x + x.flatten(2).median(2).values[:, :, None, None]


def rounded_up(x: Tensor) -> Tensor:
    return x[:, :, : -(-x.shape[2] // 4)].mean((2, 3), keepdim=True) + x


def assigned(x: Tensor) -> Tensor:
    x = x.clone()
    x[:, 1] = 0.5 * x[:, 0]
    x[:, :1] += 2
    return x


def assigned_to_the_last(x: Tensor) -> Tensor:
    x = x.clone()
    x[:, -1] *= 3
    x[:, 1:] -= 1
    return x


@pytest.mark.parametrize("operation", [lower_median, rounded_up, assigned, assigned_to_the_last])
def test_operation(operation: Callable[[Tensor], Tensor]) -> None:
    part = Part(
        "test", nn.Identity(), lambda tensors: (operation(next(tensors)),), [FRAME], [FRAME.named("out")]
    )  # type: ignore[arg-type]
    content = ir.to_proto(trace(part)).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for batch, rows, columns in ((1, 1, 2), (3, 5, 7), (2, 8, 6)):
        x = torch.rand(batch, 2, rows, columns)
        (out,) = session.run(None, {"frame": x.numpy()})
        torch.testing.assert_close(torch.from_numpy(out), operation(x))
