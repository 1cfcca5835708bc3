"""Finding models, backends and adapters by name, and putting a Derainer together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import vsrrg
from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.engine import Options
from vsrrg.errors import ModelError, OptionError, PluginError
from vsrrg.hooks import API_VERSION, HostAdapter, hookimpl, resolve
from vsrrg.hooks.manager import PluginManager
from vsrrg.models import ModelDescriptor
from vsrrg.video import ColorSpec, Frame, PixelFormat


class Nothing(nn.Module):
    """Sees no rain."""

    def encode(self, packed: torch.Tensor) -> torch.Tensor:
        return packed

    def fuse(self, window: list[torch.Tensor]) -> torch.Tensor:
        return torch.zeros_like(window[0])


MODEL = ModelDescriptor(
    name="nothing", description="sees no rain", radius=1, multiple=1, halo=0, load=Nothing
)
type Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Lets lists per hook come from a plugin called snow, and with ``rival=True`` from one called ice too."""

    def use_hooks(rival: bool = False, **lists: list[object]) -> None:
        def entry(name: str) -> Any:
            hooks = {hook: hookimpl(lambda items=items: items) for hook, items in lists.items()}
            plugin = SimpleNamespace(vsrrg_api=API_VERSION, **hooks)
            return SimpleNamespace(name=name, load=lambda: plugin, dist=None)

        manager = PluginManager([entry("snow"), entry("ice")] if rival else [entry("snow")])
        monkeypatch.setattr(resolve, "get_manager", lambda: manager)

    return use_hooks


def test_model_is_found_by_name(use: Use) -> None:
    use(vsrrg_models=[MODEL])
    assert resolve.find_model("nothing") is MODEL
    assert resolve.model_names()[-1] == "nothing"


def test_unknown_model_lists_the_known_ones(use: Use) -> None:
    use(vsrrg_models=[MODEL])
    with pytest.raises(ModelError, match=r"no model named 'snwo': choose one of .*nothing, or give the path"):
        resolve.find_model("snwo")


def test_a_path_of_a_weight_file_is_read(use: Use, tmp_path: Path) -> None:
    use(vsrrg_models=[MODEL])
    with pytest.raises(ModelError, match=r"my\.safetensors"):
        resolve.find_model(str(tmp_path / "my.safetensors"))


def test_a_name_that_two_plugins_offer_is_refused_and_both_are_named(use: Use) -> None:
    use(rival=True, vsrrg_models=[MODEL])
    with pytest.raises(PluginError, match=r"'nothing' \(ice, snow\)"):
        resolve.find_model("nothing")
    assert resolve.model_names().count("nothing") == 1


def test_backends_are_found_by_name_and_asked_whether_they_run_here(use: Use) -> None:
    absent = TorchBackend()
    absent.name = "npu"
    absent.available = lambda: False  # type: ignore[method-assign]
    use(vsrrg_backends=[absent])
    assert isinstance(resolve.find_backend("torch"), TorchBackend)
    with pytest.raises(OptionError, match="'npu' cannot run on this machine"):
        resolve.find_backend("npu")
    with pytest.raises(OptionError, match="no backend named 'tpu': choose one of torch, npu"):
        resolve.find_backend("tpu")


def test_an_absent_backend_says_what_it_needs(use: Use) -> None:
    absent = TorchBackend()
    absent.name, absent.needs = "npu", "the package npu-tools"  # type: ignore[attr-defined]
    absent.available = lambda: False  # type: ignore[method-assign]
    use(vsrrg_backends=[absent])
    with pytest.raises(OptionError, match="'npu' cannot run on this machine: it needs the package npu-tools"):
        resolve.find_backend("npu")


def test_the_precision_is_one_that_the_backend_has(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = TorchBackend()
    narrow.name = "npu"
    narrow.precisions = lambda device: {"fp32"} if device == "cpu" else {"fp32", "fp16"}  # type: ignore[attr-defined]
    bears_all = replace(MODEL, halves=frozenset({"bf16", "fp16"}))
    use(vsrrg_backends=[narrow], vsrrg_models=[bears_all])
    monkeypatch.setattr("vsrrg.engine.device._cpu_has_bf16_units", lambda: True)

    assert resolve.precisions(bears_all, narrow, "cpu") == {"fp32"}
    assert resolve.precisions(bears_all, narrow, "cuda") == {"fp32", "fp16"}
    assert resolve.precisions(bears_all, TorchBackend(), "cpu") == {"fp32", "bf16", "fp16"}
    assert resolve.create_derainer(Options(model="nothing", backend="npu", device="cpu")).radius == 1
    with pytest.raises(OptionError, match="backend on cpu, does not bear precision 'bf16': choose fp32"):
        resolve.create_derainer(Options(model="nothing", backend="npu", device="cpu", precision="bf16"))


def test_create_derainer_obeys_the_options(use: Use) -> None:
    use(vsrrg_models=[MODEL, replace(MODEL, name="far", radius=3)])
    assert resolve.create_derainer(Options(model="nothing", device="cpu")).radius == 1
    assert resolve.create_derainer(Options(model="far", device="cpu", precision="fp32")).radius == 3
    with pytest.raises(OptionError, match="bf16"):
        resolve.create_derainer(Options(model="nothing", device="cpu", precision="bf16"))
    with pytest.raises(OptionError, match="backend"):
        resolve.create_derainer(Options(model="nothing", backend="tpu", device="cpu"))


def adapter(calls: list[Any]) -> HostAdapter:
    def derain(source: bytes, *, shutter: int = 1, **options: object) -> object:
        calls.append((source, shutter, options))
        return b"clean " + source if source else None

    def accepts(source: object) -> bool:
        return isinstance(source, bytes)

    return HostAdapter(name="bytes", description="byte strings", accepts=accepts, derain=derain)


def test_derain_hands_the_source_and_all_options_to_the_adapter_that_accepts_it(use: Use) -> None:
    calls: list[Any] = []
    use(vsrrg_adapters=[adapter(calls)])

    assert vsrrg.derain(b"rain", strength=0.5, shutter=4) == b"clean rain"

    ((source, shutter, options),) = calls
    assert (source, shutter) == (b"rain", 4)
    assert options == {
        "strength": 0.5,
        "model": "general",
        "backend": "torch",
        "device": None,
        "precision": None,
        "max_memory": None,
        "output": "clean",
        "lookahead": None,
        "scene_cuts": True,
        "filters": (),
    }


def test_what_comes_out_must_be_a_video_of_the_host(use: Use) -> None:
    use(vsrrg_adapters=[adapter([])])
    with pytest.raises(PluginError, match="plugin snow returned from derain of adapter 'bytes' a NoneType, "):
        vsrrg.derain(b"")


def test_an_adapter_that_fails_is_named_and_the_error_stays_the_hosts(use: Use) -> None:
    def fail(source: object, **options: object) -> object:
        raise BufferError("no more slots")

    def ask(source: object) -> bool:
        return {b"": True}[source]  # type: ignore[index]

    use(vsrrg_adapters=[HostAdapter(name="slots", description="slots", accepts=ask, derain=fail)])
    with pytest.raises(BufferError) as raised:
        vsrrg.derain(b"")
    assert raised.value.__notes__ == ["in adapter 'slots' of plugin snow"]
    with pytest.raises(PluginError, match="plugin snow failed in accepts of adapter 'slots': KeyError: 5; "):
        vsrrg.derain(5)


def test_what_backends_and_adapters_are_asked_is_traced(
    use: Use, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    npu = TorchBackend()
    npu.name = "npu"
    use(vsrrg_adapters=[adapter([])], vsrrg_backends=[npu], vsrrg_models=[MODEL])
    monkeypatch.setenv("VSRRG_TRACE", "1")
    vsrrg.derain(b"rain")
    resolve.create_derainer(Options(model="nothing", backend="npu", device="cpu"))
    messages = [record.getMessage().rpartition(",")[0] for record in caplog.records]
    for call in (
        "accepts of adapter bytes: done",
        "derain of adapter bytes: done",
        "available of backend npu: done",
        "open of backend npu for model nothing: done",
    ):
        assert f"plugin snow, {call}" in messages


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*given: object, **options: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("member", "does", "message"),
    [
        ("available", failing(OSError("busy")), "failed in available of backend 'npu': OSError: busy;"),
        ("available", failing(SystemExit(0)), "failed in available of backend 'npu': SystemExit: 0;"),
        ("precisions", failing(OSError("busy")), "failed in precisions of backend 'npu': OSError: busy;"),
        (
            "open",
            lambda model, **options: None,
            "returned from open of backend 'npu' a NoneType instead of a",
        ),
    ],
)
def test_a_backend_that_fails_is_named(use: Use, member: str, does: Any, message: str) -> None:
    backend = TorchBackend()
    backend.name = "npu"
    setattr(backend, member, does)
    use(vsrrg_backends=[backend])
    with pytest.raises(PluginError, match=f"^plugin snow {message}"):
        resolve.create_derainer(Options(model="fast", backend="npu", device="cpu"))


def test_what_fails_while_a_model_is_opened_names_whose_they_are(use: Use) -> None:
    npu = TorchBackend()
    npu.name = "npu"
    melted = replace(MODEL, name="melted", load=failing(ValueError("it melted")))
    told = replace(MODEL, name="told", load=failing(ModelError("damaged-weights", "the file is damaged")))
    use(vsrrg_models=[melted, told, MODEL], vsrrg_backends=[npu])
    for backend, who in (("torch", "plugin snow"), ("npu", "plugin snow in backend 'npu' of plugin snow")):
        with pytest.raises(
            PluginError, match=f"^model 'melted' of {who} failed in open: ValueError: it melted; choose"
        ):
            resolve.create_derainer(Options(model="melted", backend=backend, device="cpu"))
    with pytest.raises(ModelError, match=r"^the file is damaged$"):
        resolve.create_derainer(Options(model="told", device="cpu"))
    npu.open = failing(KeyboardInterrupt())  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        resolve.create_derainer(Options(model="fast", backend="npu", device="cpu"))


def test_what_fails_later_names_whose_it_is(use: Use) -> None:
    class Late(Nothing):
        fuse = failing(ValueError("too late"))

    gray = PixelFormat("gray", 8)
    frame = Frame((np.zeros((4, 4), np.uint8),), gray, ColorSpec("bt709", "full"))
    use(vsrrg_models=[replace(MODEL, load=Late)])
    with pytest.raises(
        PluginError, match="model 'nothing' of plugin snow failed in fuse: ValueError: too late"
    ):
        list(resolve.create_derainer(Options(model="nothing", device="cpu")).stream([frame]))


def test_derain_refuses_what_no_adapter_takes(use: Use) -> None:
    use(vsrrg_adapters=[adapter([])])
    with pytest.raises(OptionError, match=r"'dict' objects: it takes VapourSynth clips .*or byte strings"):
        vsrrg.derain({})


def test_derain_refuses_an_option_that_the_adapter_lacks(use: Use) -> None:
    def derain(
        source: object,
        *,
        strength: float,
        model: str,
        backend: str,
        device: str | None,
        precision: str | None,
        max_memory: int | None,
        output: str,
        lookahead: int | None,
        scene_cuts: bool,
        filters: object,
    ) -> object:
        return source

    strict = HostAdapter(name="b", description="byte strings", accepts=lambda s: s == b"", derain=derain)
    use(vsrrg_adapters=[strict])
    assert vsrrg.derain(b"") == b""
    with pytest.raises(
        OptionError, match=r"for byte strings has no option 'steps': it has strength, .*filters"
    ):
        vsrrg.derain(b"", steps=3)


def test_every_adapter_takes_the_options_of_derain() -> None:
    import inspect

    from vsrrg.hooks.manager import get_manager

    common = set(inspect.signature(vsrrg.derain).parameters) - {"source", "host_options"}
    assert "lookahead" in common
    offers = get_manager().collect("vsrrg_adapters", HostAdapter)
    assert offers
    for offer in offers:
        assert common <= set(inspect.signature(offer.item.derain).parameters), offer.item.name
