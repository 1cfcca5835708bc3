"""What networks run on: torch, the GPU, and the kernels for it."""

from __future__ import annotations

import os
from typing import Any

from vsrrg.doctor import nvidia
from vsrrg.doctor.check import Finding, note, ok
from vsrrg.errors import one_line

ROOMY = 1 << 30
"""Bytes of a GPU's memory below which frames are small or in bands."""


def torch_works() -> Finding:
    """Whether torch computes, and with all that the CPU offers."""
    import torch

    from vsrrg.bench.machine import cores
    from vsrrg.engine.device import choose_precision

    version, threads, count = str(torch.__version__), torch.get_num_threads(), cores()
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU"
    bf16 = choose_precision("cpu", None) == "bf16"
    facts = {"version": version, "build": build, "threads": threads, "cores": count, "bf16": bf16}
    torch.ones(64, 64) @ torch.ones(64, 64)
    units = "bf16 units" if bf16 else "no bf16 units: fp32"
    found = f"{version}, {build} build, {threads} of {count} cores, {units}"
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return note(found, "This build lacks oneDNN, so CPUs are slow: install one that has it.", **facts)
    if threads < count:
        return note(found, f"Unset {_limiting()} to use all cores.", **facts)
    return ok(found, **facts)


def _limiting() -> str:
    """What keeps torch from using all cores."""
    named = [name for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS") if name in os.environ]
    return " and ".join(named) or "what limits torch's threads"


def cuda() -> Finding:
    """Whether torch can use the GPU, if there is one."""
    import torch

    driver, newest = nvidia.driver_version(), nvidia.newest_cuda()
    facts = {"driver": driver, "driver_cuda": newest, "torch_cuda": torch.version.cuda}
    if torch.cuda.is_available():
        return _devices(facts)
    if driver is None and newest is None:
        return ok("no NVIDIA GPU: the CPU does the work", devices=[], **facts)
    found = f"driver {driver or 'for CUDA ' + str(newest)}, but torch sees no GPU"
    return note(found, _why_unseen(torch.version.cuda, newest), devices=[], **facts)


def _why_unseen(wanted: str | None, newest: str | None) -> str:
    """What to do where there is a driver, and torch sees no GPU."""
    if wanted is None:
        return "This torch is built for CPUs: install one that is built for CUDA."
    if newest is None:
        return "Let the container have the driver's libraries: libcuda.so.1 is not to be found here."
    if int(newest.split(".")[0]) < int(wanted.split(".")[0]):
        return f"Update the driver: it knows CUDA {newest}, and this torch is built for {wanted}."
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        return f"Look at CUDA_VISIBLE_DEVICES, which is {os.environ['CUDA_VISIBLE_DEVICES']!r}."
    return "See whether nvidia-smi lists the GPU, and whether this user or container may use it."


def _devices(facts: dict[str, Any]) -> Finding:
    """What the GPUs are, once each has computed something; raises what torch does where one cannot."""
    import torch

    from vsrrg.engine.budget import readable

    devices: list[dict[str, Any]] = []
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        _compute(index)
        major, minor = torch.cuda.get_device_capability(index)
        name = torch.cuda.get_device_name(index)
        devices.append({"name": name, "capability": f"{major}.{minor}", "total": total, "free": free})
    found = "; ".join(
        f"{one['name']} (sm {one['capability']}), {readable(one['free'])} of {readable(one['total'])} free"
        for one in devices
    )
    found += f"; driver {facts['driver']}" if facts["driver"] else ""
    if devices[0]["free"] < ROOMY:
        advice = "Free the GPU's memory, or take another device: --device cpu or cuda:N."
        return note(found, advice, devices=devices, **facts)
    return ok(found, devices=devices, **facts)


def _compute(index: int) -> None:
    """Has a GPU multiply; raises what torch does, or ArithmeticError where the result is wrong."""
    import torch

    numbers = torch.ones(64, 64, device=f"cuda:{index}")
    if float((numbers @ numbers).sum()) != 64**3:
        raise ArithmeticError(f"GPU {index} computes wrongly")


def kernels() -> Finding:
    """Whether the CUDA kernels compile, load and do what the torch reference does."""
    import torch

    from vsrrg.kernels import launcher

    if not torch.cuda.is_available():
        return ok("not needed without a GPU")
    if not launcher.cupy_installed():
        return note(
            "CuPy is not installed: torch operations do the kernels' work",
            "Install it for speed: pip install 'vsrrg[cuda]'",
        )
    try:
        import cupy

        version = str(cupy.__version__)
        _try_kernels()
    except Exception as error:  # Each layer of CuPy raises errors of its own.
        return note(
            f"torch operations do the kernels' work: {one_line(error)[:300]}",
            "Install CuPy for the CUDA of your driver: pip install --force-reinstall 'vsrrg[cuda]'",
        )
    return ok(f"CuPy {version}, the kernels compile", version=version)


def _try_kernels() -> None:
    """Packs a frame; raises what keeps the kernel from it, or ArithmeticError where the result is wrong."""
    import torch

    from vsrrg.kernels import cuda, launcher, packing
    from vsrrg.video import ColorSpec, PixelFormat

    major, minor = torch.cuda.get_device_capability(0)
    launcher.compile_kernel("pack<unsigned char, float>", f"sm_{major}{minor}")
    gray, color = PixelFormat("gray", 8), ColorSpec("bt709", "limited")
    plane = torch.arange(256, dtype=torch.uint8).reshape(16, 16)
    packed = cuda.pack([plane.to("cuda:0")], gray, color)
    if not torch.equal(packed.cpu(), packing.pack([plane], gray, color)):
        raise ArithmeticError("the kernel for packing gives other values than its reference")
