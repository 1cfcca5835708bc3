"""Exports models to ONNX, and runs them in ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsrrg.hooks import hookimpl

if TYPE_CHECKING:
    import click

    from vsrrg.backends import Backend

vsrrg_api = 1


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
