"""torch, GPUs and kernels, where something is wrong with them."""

from __future__ import annotations

import ctypes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from vsrrg.bench import machine
from vsrrg.doctor import compute, nvidia
from vsrrg.doctor.check import Check
from vsrrg.doctor.process import attempt
from vsrrg.kernels import launcher
from vsrrg.testing.absence import absent

GIB = 1 << 30


@pytest.fixture
def no_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvidia, "VERSION", tmp_path / "version")
    monkeypatch.setattr(nvidia, "LIBRARY", "libno-such-driver.so.1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def gpu(no_driver: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU with 8 of 16 GiB free, as far as torch tells."""
    answers = {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "mem_get_info": lambda index: (8 * GIB, 16 * GIB),
        "get_device_capability": lambda index: (8, 9),
        "get_device_name": lambda index: "Card",
    }
    for name, answer in answers.items():
        monkeypatch.setattr(torch.cuda, name, answer)
    monkeypatch.setattr(compute, "_compute", lambda index: None)


def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest: int | None) -> None:
    """A kernel module, and a library that knows CUDA up to `newest`, as the driver counts."""
    line = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19"
    (tmp_path / "version").write_text(line)

    def get_version(target: Any) -> int:
        target._obj.value = newest
        return 0

    if newest is not None:
        library = SimpleNamespace(cuDriverGetVersion=get_version)
        monkeypatch.setattr(ctypes, "CDLL", lambda name: library)


def test_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: torch.get_num_threads())
    finding = compute.torch_works()
    assert finding.state == "ok" and finding.facts["version"] == torch.__version__

    monkeypatch.setattr(machine, "cores", lambda: torch.get_num_threads() + 6)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    finding = compute.torch_works()
    assert finding.state == "note" and finding.advice == "Unset OMP_NUM_THREADS to use all cores."

    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert "oneDNN" in compute.torch_works().advice


def test_torch_is_missing() -> None:
    with absent("torch"):
        finding = attempt(Check(name="torch", examine=compute.torch_works, remedy="Install it again."))
    assert finding.state == "problem" and "No module named 'torch'" in finding.found
    assert finding.advice == "Install it again."


def test_no_gpu_is_no_fault(no_driver: None) -> None:
    finding = compute.cuda()
    assert (finding.state, finding.advice, finding.facts["devices"]) == ("ok", "", [])
    assert compute.kernels().state == "ok"


@pytest.mark.parametrize(
    ("built", "newest", "visible", "advice"),
    [
        (None, 13000, None, "This torch is built for CPUs"),
        ("13.2", None, None, "libcuda.so.1 is not to be found"),
        ("13.2", 12020, None, "it knows CUDA 12.2, and this torch is built for 13.2"),
        ("13.2", 13000, "", "Look at CUDA_VISIBLE_DEVICES, which is ''"),
        ("13.2", 13000, None, "nvidia-smi"),
    ],
)
def test_torch_does_not_see_the_gpu(
    built: str | None,
    newest: int | None,
    visible: str | None,
    advice: str,
    no_driver: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver(tmp_path, monkeypatch, newest)
    monkeypatch.setattr(torch.version, "cuda", built)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    finding = compute.cuda()
    assert finding.state == "note" and finding.found == "driver 535.129.03, but torch sees no GPU"
    assert advice in finding.advice


def test_gpu(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = compute.cuda()
    assert finding.state == "ok" and finding.found == "Card (sm 8.9), 8.0G of 16G free"

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (GIB // 2, 16 * GIB))
    finding = compute.cuda()
    assert finding.state == "note" and "--device cpu" in finding.advice

    def fail(index: int) -> None:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr(compute, "_compute", fail)
    finding = attempt(Check(name="CUDA", examine=compute.cuda, remedy="Update."))
    assert finding.state == "problem" and "no kernel image" in finding.found


@pytest.mark.needs_cuda
def test_the_gpu_that_is_there() -> None:
    finding = compute.cuda()
    assert finding.state != "problem" and finding.facts["devices"]
    assert compute.kernels().state == ("ok" if launcher.cupy_installed() else "note")


def test_kernels(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "cupy_installed", lambda: False)
    finding = compute.kernels()
    assert finding.state == "note" and "pip install 'vsrrg[cuda]'" in finding.advice

    monkeypatch.setattr(launcher, "cupy_installed", lambda: True)
    monkeypatch.setitem(__import__("sys").modules, "cupy", SimpleNamespace(__version__="14.1"))

    def fail(name: str, arch: str) -> None:
        assert arch == "sm_89"
        raise launcher.Unavailable("NVRTC_ERROR_COMPILATION: no header")

    monkeypatch.setattr(launcher, "compile_kernel", fail)
    finding = compute.kernels()
    assert finding.state == "note" and "NVRTC_ERROR_COMPILATION" in finding.found

    monkeypatch.setattr(compute, "_try_kernels", lambda: None)
    assert compute.kernels().found == "CuPy 14.1, the kernels compile"
