"""Runs kernels.cu on the CPU: compiled by g++ with shim.cpp, in the place of `vsrrg.kernels.launcher`."""

import ctypes
import subprocess
from importlib.resources import files
from pathlib import Path

import torch

from vsrrg.kernels.launcher import BLOCK, Job

FLAGS = ["-std=c++17", "-O0", "-fPIC", "-shared", "-ffp-contract=off", "-fno-strict-aliasing"]


class Shim:
    """The kernels as a library of the CPU."""

    def __init__(self, compiler: str, folder: Path) -> None:
        kernels = files("vsrrg.kernels").joinpath("kernels.cu")
        library = folder / "kernels.so"
        shim = Path(__file__).with_name("shim.cpp")
        command = [compiler, *FLAGS, f'-DKERNELS="{kernels}"', "-o", str(library), str(shim)]
        subprocess.run(command, check=True)
        self.library = ctypes.CDLL(str(library))
        self.library.launch.restype = ctypes.c_bool
        self.library.job_size.restype = ctypes.c_size_t
        self.library.widen_half.restype = ctypes.c_float
        self.library.narrow_half.argtypes = [ctypes.c_float]
        self.library.narrow_half.restype = ctypes.c_ushort

    def launch(self, name: str, threads: tuple[int, int, int], job: Job, device: torch.device) -> None:
        assert device.type == "cpu"
        blocks = [-(-count // size) for count, size in zip(threads, BLOCK, strict=True)]
        three = ctypes.c_uint * 3
        address = ctypes.c_void_p(job.ctypes.data)
        assert self.library.launch(name.encode(), three(*blocks), three(*BLOCK), address), f"no kernel {name}"
