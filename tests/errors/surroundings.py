"""What must be so for some mistakes to happen: plugins that are there, programs that are not."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import imageio_ffmpeg
import pytest
import torch

from vsrrg.batch import run
from vsrrg.bench import plot
from vsrrg.cli import demo
from vsrrg.engine import FrameFilter
from vsrrg.hooks import API_VERSION, FilterDescriptor, hookimpl
from vsrrg.models import ModelDescriptor
from vsrrg.pieces import folder, identity, sequence
from vsrrg.pieces.lock import held
from vsrrg.pieces.tasks import Source
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


def changing(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    after_describing(monkeypatch, lambda path: os.utime(path, ns=(0, 0)))


def vanishing(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    after_describing(monkeypatch, Path.unlink)


def after_describing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[Path], None]) -> None:
    """Something happens to the input just after a job has begun."""

    def describe(path: Path, target: Path) -> Source:
        described = identity.describe(path, target)
        happens(path)
        return described

    monkeypatch.setattr(sequence, "describe", describe)


def pieces_taken_away(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    monkeypatch.setattr(folder, "claim", lambda source, number: folder.discard(source))


def full_disk(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    def keep(source: Source, number: int, made: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "clean.mkv")

    monkeypatch.setattr(folder, "keep", keep)


def another_job(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    place = identity.describe(Path("rain.mp4"), Path("clean.mkv")).folder
    job = held(place / folder.LOCK, "")
    job.__enter__()
    monkeypatch.setattr(sequence, "another_job", job, raising=False)  # It goes on for as long as the test.


def hello_command(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    register(plugin_of(vsrrg_commands=[hello]), "hello")


def stopped(monkeypatch: pytest.MonkeyPatch, register: Register) -> None:
    def stop(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "derain_file", stop)


SURROUNDINGS: dict[str, Callable[[pytest.MonkeyPatch, Register], None]] = {
    "no-ffmpeg": no_ffmpeg,
    "interrupted": stopped,
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
    "source-changed": changing,
    "source-unseen": vanishing,
    "piece-gone": pieces_taken_away,
    "piece-failed": full_disk,
    "target-taken": another_job,
    "unexpected": hello_command,
}
REPLACED = {} if torch.cuda.is_available() else {"planes-elsewhere": ("cuda", "meta")}
"""Devices that this machine lacks, and what stands for them, by code."""
