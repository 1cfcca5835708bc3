import pytest
import torch

from vsrrg.engine import device
from vsrrg.engine.device import choose_device, choose_precision
from vsrrg.errors import OptionError


@pytest.fixture
def cuda(monkeypatch):
    """Sets the number of CUDA devices that torch sees."""

    def devices(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    return devices


@pytest.fixture
def cpu_has(monkeypatch):
    def units(**capabilities):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
        monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)

    return units


def test_cuda_where_there_is_one(cuda):
    cuda(2)
    assert choose_device(None) == "cuda"
    assert choose_device("cpu") == "cpu"
    assert choose_device("cuda:1") == "cuda:1"
    with pytest.raises(OptionError, match="'cuda:2' is not there: torch sees 2 CUDA devices"):
        choose_device("cuda:2")


def test_cpu_elsewhere(cuda):
    cuda(0)
    assert choose_device(None) == "cpu"
    with pytest.raises(OptionError, match="'cuda' is not there: torch sees 0 CUDA devices; use 'cpu'"):
        choose_device("cuda")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "", "CPU", "mps"])
def test_unknown_devices(name):
    with pytest.raises(OptionError, match="choose 'cpu', 'cuda' or 'cuda:N'"):
        choose_device(name)


@pytest.mark.parametrize(
    ("units", "precision"),
    [
        ({"avx512_f": True, "avx512_bf16": True}, "bf16"),
        ({"amx_bf16": True}, "bf16"),
        ({"neon": True, "bf16": True}, "bf16"),
        ({"avx512_f": True, "avx512_bf16": False}, "fp32"),
        ({}, "fp32"),
    ],
    ids=str,
)
def test_bf16_on_cpus_with_the_units(cpu_has, units, precision):
    cpu_has(**units)
    assert choose_precision("cpu", None) == precision
    assert choose_precision("cpu", None, frozenset({"fp32", "fp16"})) == "fp32"


def test_fp16_on_cuda():
    assert choose_precision("cuda:1", None) == "fp16"
    assert choose_precision("cuda", None, frozenset({"fp32", "bf16"})) == "fp32"


def test_what_is_asked_for():
    assert choose_precision("cpu", "fp16") == "fp16"
    assert choose_precision("cuda", "fp32", frozenset()) == "fp32"
    with pytest.raises(OptionError, match="does not bear precision 'bf16': choose fp16, fp32"):
        choose_precision("cpu", "bf16", frozenset({"fp32", "fp16"}))
    with pytest.raises(OptionError, match="'half' does not exist; choose fp32, bf16, fp16"):
        choose_precision("cpu", "half")


def test_this_machine_answers():
    assert device._fast_precision("cpu") in ("bf16", "fp32")
