"""What must be so for some mistakes to happen: plugins that are there, programs that are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import imageio_ffmpeg
import pytest
import torch

from vsrrg.bench import plot
from vsrrg.cli import demo
from vsrrg.engine import FrameFilter
from vsrrg.hooks import API_VERSION, FilterDescriptor, hookimpl
from vsrrg.models import ModelDescriptor
from vsrrg.testing.discovery import Register, plugin_of
from vsrrg.testing.stand_ins import AboveMinimum


class Hungry(AboveMinimum):
    """Needs more memory than there is."""

    def encode(self, packed: torch.Tensor) -> torch.Tensor:
        raise MemoryError("std::bad_alloc")


def model(name: str, network: type[torch.nn.Module] = AboveMinimum) -> ModelDescriptor:
    return ModelDescriptor(
        name=name,
        description="no snow",
        radius=2,
        multiple=2,
        halo=0,
        load=lambda: network().eval(),
        halves=frozenset({"fp32"}),
    )


def mask(*, left: str = "0") -> FrameFilter:
    return FrameFilter(rain=lambda layer, view: layer)


@click.command("hello")
def hello() -> None:
    """Say hello."""
    raise ZeroDivisionError("division by zero")


def no_ffmpeg(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    def nothing() -> str:
        raise RuntimeError("No ffmpeg exe could be found")

    monkeypatch.delenv("VSRRG_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", str(Path.cwd()))
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", nothing)


def no_demo_clip(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    monkeypatch.setattr(demo, "DEMO_CLIP", Path.cwd() / "nowhere.mp4")


def no_matplotlib(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    monkeypatch.setattr(plot, "find_spec", lambda name: None)


def folder_of_results(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    Path("results.json").mkdir()


def other_results(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    Path("results.json").write_text("{}")


def failing_plugin(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    @hookimpl
    def vsrrg_models() -> list[ModelDescriptor]:
        return [{}["snow"]]  # type: ignore[list-item]

    register(SimpleNamespace(vsrrg_api=API_VERSION, vsrrg_models=vsrrg_models), "snow")


def rivals(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    register(plugin_of(vsrrg_models=[model("snow")]), "snow")
    register(plugin_of(vsrrg_models=[model("snow")]), "winter")


def missing_backend(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    backend = SimpleNamespace(name="warp", available=lambda: False, open=print, needs="the library libwarp")
    register(plugin_of(vsrrg_backends=[backend]), "warp")


def hungry_model(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    register(plugin_of(vsrrg_models=[model("hungry", Hungry)]), "hungry")


def masks(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    register(plugin_of(vsrrg_filters=[FilterDescriptor("mask", "leaves a logo", mask)]), "masks")


def hello_command(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    register(plugin_of(vsrrg_commands=[hello]), "hello")


SURROUNDINGS: dict[str, Callable[[pytest.MonkeyPatch, Register], None]] = {
    "no-ffmpeg": no_ffmpeg,
    "no-demo-clip": no_demo_clip,
    "missing-package": no_matplotlib,
    "target-is-folder": folder_of_results,
    "unreadable-results": other_results,
    "plugin-failed": failing_plugin,
    "rival-plugins": rivals,
    "missing-backend": missing_backend,
    "out-of-memory": hungry_model,
    "unknown-filter": masks,
    "filter-parameters": masks,
    "unexpected": hello_command,
}
REPLACED = {} if torch.cuda.is_available() else {"planes-elsewhere": ("cuda", "meta")}
"""Devices that this machine lacks, and what stands for them, by code."""
