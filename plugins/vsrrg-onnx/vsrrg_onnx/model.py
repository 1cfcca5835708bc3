"""A model as ONNX graphs: made from torch once, held against it, and kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import onnx_ir as ir
import torch

from vsrrg.errors import ModelError, OptionError, VsrrgError
from vsrrg.models import ModelDescriptor, Precision
from vsrrg_onnx import cache
from vsrrg_onnx.layout import Layout, layout_of
from vsrrg_onnx.parts import parts_of
from vsrrg_onnx.runtime import Place, require_runtime
from vsrrg_onnx.session import OnnxSession
from vsrrg_onnx.tracing import trace
from vsrrg_onnx.verify import Rain, by_frames, verify

log = logging.getLogger(__name__)

PRECISIONS: Mapping[Precision, torch.dtype] = {"fp32": torch.float32, "fp16": torch.float16}
"""What graphs compute in: ONNX Runtime has no convolutions in bf16."""
HERE = Place(device=torch.device("cpu"))
"""Where graphs are held against torch."""

_making = Lock()


@dataclass(frozen=True, eq=False)
class OnnxModel:
    """A model as graphs."""

    descriptor: ModelDescriptor
    precision: Precision
    network: Any
    """The `DerainModel` itself: float32, on the CPU."""
    layout: Layout
    """Of its features, in the precision of the graphs."""
    parts: Mapping[str, bytes]
    """The graphs "encode", "fuse" and, if one picture is fused differently, "still"."""

    def open(self, place: Place) -> OnnxSession:
        """The graphs in ONNX Runtime; raises OptionError where it lacks the provider."""
        return OnnxSession(self.descriptor, self.layout, self.parts, place, PRECISIONS[self.precision])

    def verify(self, rain: Rain) -> None:
        """Raises ModelError unless `rain` makes of windows what the network does."""
        verify(rain, self.network, self.descriptor, self.precision)


def onnx_model(descriptor: ModelDescriptor, precision: Precision) -> OnnxModel:
    """The graphs of a model; made and held against torch first, if they are not in the cache.

    Raises:
        ModelError: no graphs can be made of it, or they do not do what it does.
        OptionError: it has no graphs in this precision, or ONNX Runtime is not installed.
    """
    require_runtime()
    if precision not in PRECISIONS or precision not in descriptor.halves:
        known = ", ".join(name for name in PRECISIONS if name in descriptor.halves)
        raise OptionError(
            "unsupported-precision",
            f"model {descriptor.name!r} has no ONNX graphs in {precision}: choose {known}",
        )
    exact, network = _load(descriptor), _load(descriptor).to(PRECISIONS[precision])
    name = cache.key(exact, descriptor, precision)
    with _making:
        with _refusing(descriptor):
            layout = layout_of(network, descriptor.multiple)
            kept = None if name is None else cache.load(name)
            parts = kept or _make(descriptor, network, layout)
        model = OnnxModel(descriptor, precision, exact, layout, parts)
        if kept is None:
            model.verify(by_frames(model.open(HERE)))
            if name is not None:
                cache.keep(name, parts)
    return model


def _load(descriptor: ModelDescriptor) -> Any:
    return descriptor.load().eval().requires_grad_(False)


def _make(descriptor: ModelDescriptor, network: Any, layout: Layout) -> dict[str, bytes]:
    log.warning("making ONNX graphs of model %r, once: this takes a minute or two", descriptor.name)
    parts = parts_of(network, layout, radius=descriptor.radius, multiple=descriptor.multiple)
    return {part.name: ir.to_proto(trace(part)).SerializeToString() for part in parts}


@contextmanager
def _refusing(descriptor: ModelDescriptor) -> Iterator[None]:
    """Says of whatever fails that the model has no graphs: torch's exporter fails in ways of its own."""
    try:
        yield
    except VsrrgError:
        raise
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise ModelError(
            "onnx-untranslatable",
            f"model {descriptor.name!r} cannot become an ONNX graph ({lines[-1][:200]}): "
            "use the backend 'torch'",
        ) from error
