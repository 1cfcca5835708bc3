"""Exports models to ONNX, and runs them in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vsrrg.hooks import ErrorDescriptor, hookimpl

if TYPE_CHECKING:
    import click

    from vsrrg.backends import Backend

vsrrg_api = 1

ERRORS = {
    "onnx-unknown-graph": "No graph of this kind, or of this version of ONNX, can be made.",
    "onnx-untranslatable": "The model computes something that has no counterpart in ONNX.",
    "onnx-wrong-result": "The graphs were made, but do something else than the model.",
}
"""Codes of errors and what they mean; the folder errors has a page on each."""


@hookimpl
def vsrrg_backends() -> list[Backend]:
    """Adds ``onnxruntime`` and ``onnxruntime-tensorrt``."""
    from vsrrg_onnx.backend import OnnxBackend, TensorrtBackend

    return [OnnxBackend(), TensorrtBackend()]


@hookimpl
def vsrrg_commands() -> list[click.Command]:
    """Adds ``vsrrg export``."""
    from vsrrg_onnx.command import export

    return [export]


@hookimpl
def vsrrg_errors() -> list[ErrorDescriptor]:
    """Adds the codes of the errors that only this plugin has."""
    pages = Path(__file__).parent / "errors"
    return [ErrorDescriptor(code, line, pages / f"{code}.md") for code, line in ERRORS.items()]
