from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from vsrrg.backends import Backend
from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.errors import OptionError
from vsrrg.models import ModelDescriptor

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Sum(nn.Module):
    """Keeps what it was given, for the tests to look at."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(6, 6, 3, padding=1)
        self.dropout = nn.Dropout()

    def encode(self, packed):
        self.given = packed
        return self.dropout(self.conv(packed.to(self.conv.weight.dtype)))

    def fuse(self, window):
        return torch.stack(list(window)).sum(0)

    def forward(self, window):
        return self.fuse([self.encode(frame) for frame in window.unbind(1)])


def model(**promises):
    torch.manual_seed(0)
    network = Sum()
    return ModelDescriptor(
        **{
            "name": "sum",
            "description": "",
            "radius": 1,
            "multiple": 1,
            "halo": 1,
            "load": lambda: network,
            **promises,
        }
    )


BEARS_ALL = frozenset({"bf16", "fp16"})


def test_is_a_backend():
    backend = TorchBackend()
    assert isinstance(backend, Backend)
    assert backend.name == "torch"
    assert backend.available()


@pytest.mark.parametrize("precision", DTYPES)
def test_runs_in_the_precision_asked_for(precision):
    session = TorchBackend().open(model(halves=BEARS_ALL), device="cpu", precision=precision)
    assert session.dtype == DTYPES[precision]
    assert session.device == torch.device("cpu")
    features = session.encode(torch.rand(1, 6, 8, 10))
    assert session.network.given.dtype == torch.float32
    assert features.dtype == session.fuse([features] * 3).dtype == DTYPES[precision]
    assert features.is_inference()


def test_refuses_what_the_model_does_not_bear():
    with pytest.raises(OptionError, match="model 'sum' does not run in fp16: choose bf16, fp32"):
        TorchBackend().open(model(halves=frozenset({"bf16"})), device="cpu", precision="fp16")


def test_the_network_is_frozen_evaluating_and_channels_last():
    network = TorchBackend().open(model(), device="cpu", precision="fp32").network
    assert not network.training
    assert not network.dropout.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert network.conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_equals_forward_from_any_thread():
    session = TorchBackend().open(model(), device="cpu", precision="fp32")
    frames = [torch.rand(1, 6, 24, 40) for _ in range(3)]
    with torch.inference_mode():
        expected = session.network(torch.stack(frames, 1))

    def run(_):
        return session.fuse([session.encode(frame) for frame in frames])

    with ThreadPoolExecutor(4) as pool:
        assert all(torch.equal(rain, expected) for rain in pool.map(run, range(16)))


@pytest.mark.needs_cuda
@pytest.mark.parametrize("precision", DTYPES)
def test_cuda(precision):
    session = TorchBackend().open(model(halves=BEARS_ALL), device="cuda", precision=precision)
    reference = TorchBackend().open(model(halves=BEARS_ALL), device="cpu", precision="fp32")
    frame = torch.rand(1, 6, 24, 40)
    expected = reference.fuse([reference.encode(frame)] * 3)
    rain = session.fuse([session.encode(frame)] * 3)
    assert rain.device.type == "cuda"
    assert torch.allclose(rain.cpu().float(), expected, atol=0.05)
