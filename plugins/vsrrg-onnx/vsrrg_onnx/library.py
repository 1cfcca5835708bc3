"""ONNX Runtime, imported so that it keeps to itself."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

NEEDS = "the package onnxruntime, or for NVIDIA's GPUs onnxruntime-gpu"


def installed() -> bool:
    """Whether there is an ONNX Runtime to import."""
    return find_spec("onnxruntime") is not None


def onnxruntime() -> Any:
    """The module. Builds of it report their use to Microsoft from the moment they are imported: deraining a
    video is nobody's business, so this is off, unless the user has set the variable otherwise.

    Raises:
        ImportError: it is not installed, or lacks a library.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime as module

    return module
