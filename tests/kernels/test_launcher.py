"""That kernels.cu compiles for GPUs, and what happens where it cannot be run."""

import logging
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
import torch

from tests.kernels.nvrtc import Compiler, library_path
from tests.strategies import LIMITED, YUV420P8, random_planes
from vsrrg.kernels import composite, compositing, cuda, dispatch, launcher, pack, packing


@pytest.mark.parametrize(
    ("arch", "types"),
    [
        ("sm_80", ["unsigned char, Half"]),
        ("sm_90", ["unsigned short, BFloat16", "float, float"]),
        ("sm_100", ["Half, float"]),
    ],
)
def test_the_kernels_compile_for_gpus(arch: str, types: list[str]) -> None:
    library = library_path()
    if library is None:
        pytest.skip("needs libnvrtc (package nvidia-cuda-nvrtc, which torch for CUDA brings along)")
    names = [f"{kernel}<{pair}>" for kernel in ("pack", "composite") for pair in types]
    options = [*launcher.OPTIONS, f"--gpu-architecture={arch}"]
    binary, ptx = Compiler(library).compile(launcher.source(), names, options)
    assert binary.startswith(b"\x7fELF") and ptx.count(".entry") == len(names)
    assert "ld.global.nc.v4.u32" in ptx and "st.global.wb.v4.u32" in ptx, "no 128-bit access"
    assert ".local" not in ptx, "arrays that are not in registers"
    assert ".ftz" not in ptx, "tiny numbers would become zero"


def test_types_of_python_are_types_of_the_kernels() -> None:
    for name in {*cuda.SAMPLES.values(), *cuda.REALS.values()} - {"unsigned char", "unsigned short", "float"}:
        assert f"struct {name} " in launcher.source()
    assert f"CELLS = {cuda.CELLS};" in launcher.source()


@pytest.fixture
def broken_cupy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A CuPy that cannot reach any device, and planes that seem to lie on one."""

    def no_driver(*_: object) -> None:
        raise RuntimeError("no driver")

    cupy = ModuleType("cupy")
    cupy.cuda = SimpleNamespace(Device=no_driver)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(dispatch, "_on_one_gpu", lambda tensors: True)
    for cached in (launcher._kernel, launcher._warn_once):
        cached.cache_clear()
    yield
    for cached in (launcher._kernel, launcher._warn_once):
        cached.cache_clear()


@pytest.mark.usefixtures("broken_cupy")
def test_kernels_that_do_not_run_are_replaced_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    planes = random_planes(YUV420P8, 9, 5, seed=1)
    rain = torch.rand(6, 3, 5)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            packed = pack(planes, YUV420P8, LIMITED, dtype=torch.float16)
            clean = composite(planes, rain, YUV420P8, LIMITED, strength=0.5)
    assert torch.equal(packed, packing.pack(planes, YUV420P8, LIMITED, dtype=torch.float16))
    expected = compositing.composite(planes, rain, YUV420P8, LIMITED, strength=0.5)
    assert all(torch.equal(a, b) for a, b in zip(clean, expected, strict=True))
    assert [record.getMessage() for record in caplog.records] == [
        "the CUDA kernels do not run here, so torch operations do their work: no driver"
    ]


def test_planes_on_the_cpu_never_ask_for_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "pack", None)
    planes = random_planes(YUV420P8, 4, 4, seed=0)
    assert pack(planes, YUV420P8, LIMITED).shape == (6, 2, 2)


def test_cupy_compiles_the_kernels_without_a_driver() -> None:
    pytest.importorskip("cupy", reason="needs CuPy")
    binary, symbol = launcher.compile_kernel("pack<unsigned char, Half>", "sm_90")
    assert binary.startswith(b"\x7fELF") and symbol.encode() in binary
    with pytest.raises(launcher.Unavailable, match="no_such_type"):
        launcher.compile_kernel("pack<no_such_type, Half>", "sm_90")
