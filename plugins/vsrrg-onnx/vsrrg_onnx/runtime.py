"""Graphs opened in ONNX Runtime, working on the memory of torch's tensors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vsrrg.errors import OptionError
from vsrrg_onnx.library import NEEDS, installed, onnxruntime

_TYPES = {torch.float32: np.float32, torch.float16: np.float16}


def require_runtime() -> None:
    """Raises OptionError where ONNX Runtime is not installed."""
    if not installed():
        raise OptionError("missing-package", f"ONNX Runtime is not installed: install {NEEDS}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where graphs run, and how."""

    device: torch.device
    """With its index, if it is a GPU."""
    half: bool = False
    """Whether they compute in fp16."""
    engines: Path | None = None
    """Where TensorRT keeps the engines that it builds; None: it is not used."""

    @property
    def provider(self) -> str:
        """The execution provider that does the work."""
        if self.device.type == "cpu":
            return "CPUExecutionProvider"
        return "TensorrtExecutionProvider" if self.engines else "CUDAExecutionProvider"

    def key(self) -> Hashable:
        """What work must have in common to share a session: on a CPU the number of threads, on a GPU the
        current stream.
        """
        if self.device.type == "cpu":
            return torch.get_num_threads()
        return torch.cuda.current_stream(self.device).cuda_stream

    def providers(self, key: Hashable) -> list[tuple[str, dict[str, str]]]:
        """The providers for a session, best first, with their options."""
        cpu: tuple[str, dict[str, str]] = ("CPUExecutionProvider", {})
        if self.device.type == "cpu":
            return [cpu]
        shared = {"device_id": str(self.device.index), "user_compute_stream": str(key)}
        cuda = {
            **shared,
            "arena_extend_strategy": "kSameAsRequested",
            # What is fastest at the moment may be another algorithm the next time, with other last bits.
            "cudnn_conv_algo_search": "HEURISTIC",
            "use_tf32": "0",
        }
        if not self.engines:
            return [("CUDAExecutionProvider", cuda), cpu]
        folder = str(self.engines)
        tensorrt = {
            **shared,
            "trt_fp16_enable": str(int(self.half)),
            "trt_engine_cache_enable": "1",
            "trt_engine_cache_path": folder,
            "trt_timing_cache_enable": "1",
            "trt_timing_cache_path": folder,
        }
        return [("TensorrtExecutionProvider", tensorrt), ("CUDAExecutionProvider", cuda), cpu]


class Graph:
    """A graph in ONNX Runtime. Threads may share it: each works in a session that no other uses meanwhile.

    On a CPU with one thread they do use the same, which has no threads of its own then: callers compute.
    """

    def __init__(self, content: bytes, place: Place) -> None:
        """Open the graph; raises OptionError where ONNX Runtime lacks the provider."""
        self.place = place
        self._content = content
        self._lock = Lock()
        self._idle: defaultdict[Hashable, list[Any]] = defaultdict(list)
        with self._session() as session:
            self.inputs: tuple[str, ...] = tuple(slot.name for slot in session.get_inputs())

    def run(self, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> None:
        """Computes all outputs into these tensors, which are contiguous. Inputs that the graph does not have
        are ignored. On a GPU the work is queued on the current stream.

        Raises:
            RuntimeError: it failed, perhaps because memory ran out.
        """
        ort = onnxruntime()
        given = {name: inputs[name].contiguous() for name in self.inputs}
        options = ort.RunOptions()
        options.log_severity_level = 4
        options.add_run_config_entry("disable_synchronize_execution_providers", "1")
        with self._session() as session:
            binding = session.io_binding()
            for tensors, bind in ((given, binding.bind_input), (outputs, binding.bind_output)):
                for name, tensor in tensors.items():
                    place, kind = tensor.device, _TYPES[tensor.dtype]
                    bind(name, place.type, place.index or 0, kind, tuple(tensor.shape), tensor.data_ptr())
            try:
                session.run_with_iobinding(binding, options)
            except Exception as error:
                # Lack of memory the engine knows by its words, in a RuntimeError.
                raise RuntimeError(f"ONNX Runtime failed: {' '.join(str(error).split())}") from error

    @contextmanager
    def _session(self) -> Iterator[Any]:
        key = self.place.key()
        shared = self.place.device.type == "cpu" and key == 1
        with self._lock:
            idle = self._idle[key]
            session = idle.pop() if idle else self._open(key)
            if shared:
                idle.append(session)
        try:
            yield session
        finally:
            if not shared:
                idle.append(session)

    def _open(self, key: Hashable) -> Any:
        ort = onnxruntime()
        place = self.place
        if place.provider not in ort.get_available_providers():
            raise _missing(place)
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = key if place.device.type == "cpu" else 1
        # Threads that wait would take the cores from other frames, and from what torch does between graphs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = ort.InferenceSession(self._content, options, providers=place.providers(key))
        if place.provider not in session.get_providers():
            raise _missing(place)
        return session


def _missing(place: Place) -> OptionError:
    name = place.provider.removesuffix("ExecutionProvider")
    more = " and TensorRT" if place.engines else ""
    return OptionError(
        "missing-package",
        f"ONNX Runtime cannot use {name} here: install onnxruntime-gpu instead of onnxruntime, with the CUDA "
        f"and cuDNN that it wants{more}; or use the backend 'torch'",
    )
