from dataclasses import dataclass

import pytest
import torch
from torch import nn

from vsrrg.errors import ModelError
from vsrrg.models import ModelDescriptor, builtin_models, descriptor_from_file, registry
from vsrrg.models.registry import Architecture
from vsrrg.models.rrgnet import RRGNet, RRGNetConfig
from vsrrg.models.weights import save_weights


@dataclass(frozen=True)
class TinyConfig:
    arch: str
    radius: int = 1
    channels: int = 4

    def __post_init__(self):
        if self.channels < 1:
            raise ValueError("channels must be positive")

    multiple = 2
    halo = 5


class Tiny(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.conv = nn.Conv2d(6, config.channels, 3)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    known = {**registry.ARCHITECTURES, "tiny": lambda: Architecture(TinyConfig, Tiny)}
    monkeypatch.setattr(registry, "ARCHITECTURES", known)


def export(path, network, *, name="x", card=None, **config):
    save_weights(path, network.state_dict(), config=config, name=name, version="1", card=card or {})
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.safetensors"


def test_a_file_describes_its_model(path):
    network = Tiny(TinyConfig("tiny", channels=3)).half()
    export(path, network, arch="tiny", radius=3, channels=3, card={"description": "one line"})
    found = descriptor_from_file(path)
    assert (found.name, found.description) == ("x", "one line")
    assert (found.radius, found.multiple, found.halo) == (3, 2, 5)
    assert found.halves == {"fp32", "bf16", "fp16"}
    loaded = found.load()
    assert not loaded.training
    assert all(p.dtype == torch.float32 and p.device.type == "cpu" for p in loaded.parameters())
    assert torch.equal(loaded.conv.weight, network.conv.weight.float())


def test_the_card_may_exclude_precisions(path):
    export(path, Tiny(TinyConfig("tiny")), arch="tiny", card={"precisions": ["bf16"]})
    assert descriptor_from_file(path).halves == {"fp32", "bf16"}


def test_rrgnet(path):
    config = RRGNetConfig(radius=1, half=8, quarter=8, eighth=8)
    network = RRGNet(config)
    export(path, network, **vars(config))
    found = descriptor_from_file(path)
    assert (found.radius, found.multiple, found.halo) == (1, config.multiple, config.halo)
    window = torch.rand(1, 3, 6, 16, 24)
    with torch.inference_mode():
        assert torch.equal(found.load()(window), network.eval()(window))


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"arch": "unet"}, "wants network 'unet', and this vsrrg knows rrgnet, tiny"),
        ({}, "wants network 'None'"),
        ({"arch": ["tiny"]}, "wants network"),
        ({"arch": "tiny", "depth": 9}, "config that network 'tiny' does not take .*depth"),
        ({"arch": "tiny", "channels": 0}, "channels must be positive"),
    ],
    ids=str,
)
def test_configs_that_do_not_fit(path, config, says):
    export(path, Tiny(TinyConfig("tiny")), **config)
    with pytest.raises(ModelError, match=says):
        descriptor_from_file(path)


def test_tensors_that_do_not_fit(path):
    export(path, Tiny(TinyConfig("tiny")), arch="tiny", channels=7)
    with pytest.raises(ModelError, match=r"the tensors in .* do not fit network 'tiny'"):
        descriptor_from_file(path).load()


def test_damaged_tensors_are_found_when_loaded(path):
    export(path, Tiny(TinyConfig("tiny")), arch="tiny")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="does not match its hash"):
        descriptor_from_file(path).load()


def test_what_lies_in_the_package_is_built_in(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "WEIGHTS", tmp_path)
    assert builtin_models() == []
    for name in ("quality", "fast"):
        export(tmp_path / f"{name}.safetensors", Tiny(TinyConfig("tiny")), name=name, arch="tiny")
    assert [model.name for model in builtin_models()] == ["fast", "quality"]


def test_every_built_in_model_loads():
    for model in builtin_models():
        assert model.description
        assert not model.load().training


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "needs a name"),
        ("radius", -1, "radius=-1; it must be an integer from 0 up"),
        ("multiple", 0, "multiple=0; it must be an integer from 1 up"),
        ("halo", 1.5, "halo=1.5"),
        ("halves", frozenset({"fp8"}), r"unknown precisions \['fp8'\]"),
    ],
)
def test_promises_are_checked(field, value, says):
    promises = {"name": "x", "description": "", "radius": 1, "multiple": 1, "halo": 0, "load": nn.Identity}
    with pytest.raises(ModelError, match=says):
        ModelDescriptor(**{**promises, field: value})
