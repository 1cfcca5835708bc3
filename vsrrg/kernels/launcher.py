"""Compiling the kernels of kernels.cu and launching them on a CUDA device, through CuPy."""

import logging
import sys
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np
import torch

log = logging.getLogger(__name__)

type Job = np.ndarray[Any, Any]
"""The one argument of a kernel: an array of no dimensions, see `vsrrg.kernels.cuda.JOB`."""

BLOCK = (32, 4, 1)
OPTIONS = ("--std=c++17", "--fmad=false", "--ftz=false")
"""The arithmetic of the torch reference: nothing is fused unasked, and no tiny number flushed to zero."""

_compiling = Lock()


class Unavailable(Exception):
    """The kernels do not compile or load here; the torch reference does their work."""


@cache
def cupy_installed() -> bool:
    """Whether CuPy can be found; it is not imported."""
    return find_spec("cupy") is not None


def source() -> str:
    """The text of kernels.cu."""
    return files("vsrrg.kernels").joinpath("kernels.cu").read_text(encoding="utf-8")


def launch(name: str, threads: tuple[int, int, int], job: Job, device: torch.device) -> None:
    """Queues a kernel, such as "pack<unsigned char, Half>", on torch's current stream of the device.

    Raises:
        Unavailable: it does not compile or load here; a warning was logged, once.
    """
    with _compiling:
        kernel = _kernel(name, device.index)
    if kernel is None:
        raise Unavailable
    import cupy

    blocks = tuple(-(-count // size) for count, size in zip(threads, BLOCK, strict=True))
    with cupy.cuda.Device(device.index), _torch_stream(device.index):
        kernel(blocks, BLOCK, (job,))


def compile_kernel(name: str, arch: str) -> tuple[bytes, str]:
    """The binary of a kernel for an architecture such as "sm_90", and the kernel's name in it.

    Not by `cupy.RawModule`, which adds --ftz=true to all options.
    """
    from cupy.cuda import nvrtc

    program = nvrtc.createProgram(source(), "kernels.cu", (), ())
    try:
        nvrtc.addNameExpression(program, name)
        try:
            nvrtc.compileProgram(program, (*OPTIONS, f"--gpu-architecture={arch}"))
        except nvrtc.NVRTCError as error:
            raise Unavailable(f"{error}: {nvrtc.getProgramLog(program).strip()}") from error
        return nvrtc.getCUBIN(program), nvrtc.getLoweredName(program, name)
    finally:
        nvrtc.destroyProgram(program)


@cache
def _kernel(name: str, device: int) -> Any | None:
    """A kernel, loaded on a device; None, with a warning, where that fails."""
    try:
        import cupy

        with cupy.cuda.Device(device), _torch_stream(device):
            arch = f"sm_{cupy.cuda.Device(device).compute_capability}"
            binary, symbol = compile_kernel(name, arch)
            module = cupy.cuda.function.Module()
            module.load(binary)
            return module.get_function(symbol)
    except Exception:  # Each layer of CuPy raises errors of its own; none is worth a user's script.
        _warn_once()
        return None


def _torch_stream(device: int) -> Any:
    import cupy

    return cupy.cuda.Stream.from_external(torch.cuda.current_stream(device))


@cache
def _warn_once() -> None:
    log.warning("the CUDA kernels do not run here, so torch operations do their work: %s", sys.exception())
