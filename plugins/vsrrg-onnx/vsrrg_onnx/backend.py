"""ONNX Runtime as a backend of vsrrg."""

from __future__ import annotations

from vsrrg.backends import Session
from vsrrg.errors import OptionError
from vsrrg.models import ModelDescriptor, Precision
from vsrrg_onnx.library import NEEDS, installed, onnxruntime


class OnnxBackend:
    """Runs models as ONNX graphs, with the CPU or the CUDA provider of ONNX Runtime, as the device says."""

    name = "onnxruntime"
    needs = NEEDS
    tensorrt = False

    def available(self) -> bool:
        """True where ONNX Runtime is installed."""
        return installed()

    def precisions(self, device: str) -> frozenset[Precision]:
        """fp32, and on GPUs fp16."""
        return frozenset({"fp32"} if device == "cpu" else {"fp32", "fp16"})

    def open(self, model: ModelDescriptor, *, device: str, precision: Precision) -> Session:
        """The model's graphs in ONNX Runtime; made first, if they are not in the cache.

        Raises:
            ModelError: no graphs can be made of the model.
            OptionError: there is no such device, it lacks the precision, or ONNX Runtime lacks its provider.
        """
        import torch

        from vsrrg.engine.device import choose_device
        from vsrrg_onnx.cache import folder
        from vsrrg_onnx.model import onnx_model
        from vsrrg_onnx.runtime import Place

        chosen = torch.empty(0, device=choose_device(device)).device  # With its index.
        if precision not in self.precisions(device):
            raise OptionError(
                "unsupported-precision",
                f"the backend {self.name!r} does not compute in {precision} on {device}: "
                f"choose {', '.join(sorted(self.precisions(device)))}, or the backend 'torch'",
            )
        if self.tensorrt and chosen.type == "cpu":
            raise OptionError(
                "missing-device", f"the backend {self.name!r} needs a GPU: use 'onnxruntime' on {device}"
            )
        engines = folder() / "tensorrt" if self.tensorrt else None
        place = Place(device=chosen, half=precision == "fp16", engines=engines)
        return onnx_model(model, precision).open(place)


class TensorrtBackend(OnnxBackend):
    """Runs them with the TensorRT provider, which builds engines for the sizes that it meets."""

    name = "onnxruntime-tensorrt"
    needs = "the package onnxruntime-gpu, with TensorRT"
    tensorrt = True

    def available(self) -> bool:
        """True where ONNX Runtime knows TensorRT."""
        try:
            return "TensorrtExecutionProvider" in onnxruntime().get_available_providers()
        except (ImportError, OSError):
            return False
