"""Weights and plugins, where something is wrong with them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import pytest

from tests.hooks.hooks_support import entries, plugin
from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.doctor import content
from vsrrg.hooks import manager
from vsrrg.hooks.manager import PluginManager, standing_in
from vsrrg.models import ModelDescriptor, registry


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def install(stack: ExitStack, **plugins: object) -> None:
    """Lets these plugins be the installed ones."""
    stack.enter_context(standing_in(PluginManager(entries(**plugins))))


def model(name: str) -> ModelDescriptor:
    def load() -> None:
        raise OSError("no such download")

    return ModelDescriptor(name=name, description="", radius=1, multiple=1, halo=1, load=load)  # type: ignore[arg-type]


def test_whole_weights(stack: ExitStack) -> None:
    install(stack)
    finding = content.weights()
    assert finding.state == "ok" and finding.facts == {"models": {"fast": "", "general": ""}}


@pytest.mark.parametrize(
    ("place", "words", "reason"),
    [
        (-9, "fast: the content of the weight file", "does not match its hash"),
        (3, "the weight file", "fast.safetensors is damaged"),
    ],
)
def test_damaged_weights(
    place: int,
    words: str,
    reason: str,
    stack: ExitStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong byte among the tensors, and one in the header."""
    install(stack)
    copy = shutil.copytree(registry.WEIGHTS, tmp_path / "weights")
    monkeypatch.setattr(registry, "WEIGHTS", copy)
    content_ = bytearray((copy / "fast.safetensors").read_bytes())
    content_[place] ^= 1
    (copy / "fast.safetensors").write_bytes(content_)
    finding = content.weights()
    assert finding.state == "problem" and finding.found.startswith(words)
    assert reason in finding.found and finding.advice == content.AGAIN


def test_weights_of_a_plugin(stack: ExitStack) -> None:
    install(stack, snow=plugin(vsrrg_models=lambda: [model("snow")]))
    finding = content.weights()
    assert finding.state == "note" and finding.found == "snow: OSError: no such download"
    assert finding.facts["models"]["general"] == ""


def test_two_models_of_one_name(stack: ExitStack) -> None:
    install(stack, snow=plugin(vsrrg_models=lambda: [model("general")]))
    finding = content.weights()
    assert finding.state == "problem" and "several plugins offer a model named 'general'" in finding.found
    assert finding.advice == content.PLUGINS_OFF


def test_plugins(stack: ExitStack) -> None:
    install(stack)
    assert content.plugins().found == "none but vsrrg's own"
    install(stack, snow=plugin(vsrrg_models=lambda: []))
    finding = content.plugins()
    assert finding.state == "ok" and finding.found == "snow: active"
    assert finding.facts["plugins"][-1] == {"name": "snow", "version": "1.0", "state": "active", "reason": ""}


def test_plugins_that_do_not_load_are_skipped(stack: ExitStack) -> None:
    install(stack, hail=ImportError("no hail"), snow=plugin(vsrrg_models=lambda: []))
    finding = content.plugins()
    assert finding.state == "note"
    assert finding.found == "hail is skipped: ImportError: no hail; snow: active"
    assert "VSRRG_PLUGINS=off" in finding.advice


def test_plugins_that_answer_wrongly_stop_jobs(stack: ExitStack) -> None:
    def fail() -> list[click.Command]:
        raise ZeroDivisionError("oh; no")

    install(stack, hail=plugin(vsrrg_commands=fail))
    finding = content.plugins()
    assert finding.state == "note"
    assert finding.found == ("plugin hail failed in vsrrg_commands: ZeroDivisionError: oh; no; hail: active")
    install(stack, hail=plugin(vsrrg_filters=fail), snow=plugin(vsrrg_filters=lambda: [1]))
    finding = content.plugins()
    assert finding.state == "problem"
    assert "hail failed in vsrrg_filters" in finding.found and "plugin snow returned" in finding.found


def test_backends(stack: ExitStack) -> None:
    class Slate(TorchBackend):
        name = "slate"
        needs = "slate and chalk"

        def available(self) -> bool:
            return False

    install(stack)
    assert (content.backends().state, content.backends().found) == ("ok", "torch")
    install(stack, slate=plugin(vsrrg_backends=lambda: [Slate()]))
    finding = content.backends()
    assert finding.state == "note" and finding.facts["backends"]["torch"] == ""
    assert finding.found == (
        "torch; the backend 'slate' cannot run on this machine: it needs slate and chalk"
    )
    install(stack, copy=plugin(vsrrg_backends=lambda: [TorchBackend()]))
    finding = content.backends()
    assert finding.state == "problem" and "several plugins offer a backend named 'torch'" in finding.found


def test_own_plugin_that_does_not_load(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager, "DEFAULT_PLUGINS", ("vsrrg.hooks.builtin", "vsrrg.gone"))
    install(stack)
    finding = content.plugins()
    assert finding.state == "problem" and "vsrrg.gone is skipped" in finding.found
    assert finding.advice == content.AGAIN
