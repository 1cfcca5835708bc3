"""The plugin keeps the promises of plugins, its backend those of backends."""

from __future__ import annotations

import pytest
from vsrrg_onnx.backend import OnnxBackend

from vsrrg.testing import BackendSuite, PluginSuite


class TestPlugin(PluginSuite):
    plugin = "vsrrg_onnx"
    heavy = ("torch", "onnx", "onnxscript", "onnxruntime")


class TestBackend(BackendSuite):
    backend = OnnxBackend()
    libraries = ("onnxruntime",)
    examples = 6


@pytest.mark.needs_cuda
class TestBackendOnCuda(BackendSuite):
    backend = OnnxBackend()
    device = "cuda"
    precision = "fp16"
    tolerance = 2
    examples = 6
