"""The torch backend keeps the promises of a backend."""

from __future__ import annotations

import pytest

from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.testing import BackendSuite


class TestTorch(BackendSuite):
    backend = TorchBackend()


class TestTorchInHalfPrecision(BackendSuite):
    backend = TorchBackend()
    model = "general"
    precision = "bf16"
    tolerance = 2


@pytest.mark.needs_cuda
class TestTorchOnCuda(BackendSuite):
    backend = TorchBackend()
    device = "cuda"
    precision = "fp16"
    tolerance = 2
