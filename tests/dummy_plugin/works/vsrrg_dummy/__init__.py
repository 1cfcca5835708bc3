"""Adds the model ``dummy-dimmer``, whose rain is a fifth of the luma, the filter ``dummy-less``, which leaves
some of it, the command ``dummy-hello``, and where DUMMY_LOG names a file an observer that writes to it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from vsrrg.errors import OptionError
from vsrrg.hooks import FilterDescriptor, Job, Observer, Summary, hookimpl
from vsrrg.models import ModelDescriptor

if TYPE_CHECKING:
    from torch import Tensor, nn

    from vsrrg.engine import FrameFilter

vsrrg_api = 1


def _load() -> nn.Module:
    import torch
    from torch import nn

    class Dimmer(nn.Module):
        def encode(self, packed: Tensor) -> Tensor:
            return packed

        def fuse(self, window: Sequence[Tensor]) -> Tensor:
            (frame,) = window
            return torch.cat((frame[:, :4] / 5, torch.zeros_like(frame[:, 4:])), dim=1)

        def forward(self, window: Tensor) -> Tensor:
            return self.fuse([self.encode(frame) for frame in window.unbind(1)])

    return Dimmer()


@hookimpl
def vsrrg_models() -> list[ModelDescriptor]:
    return [
        ModelDescriptor(
            name="dummy-dimmer",
            description="a fifth darker",
            radius=0,
            multiple=1,
            halo=0,
            load=_load,
            card={"version": "7", "figures": {"psnr": 12.5}},
        )
    ]


def _less(by: str, *, share: str = "1") -> FrameFilter:
    from vsrrg.engine import FrameFilter

    factor = float(share) / float(by)
    return FrameFilter(rain=lambda layer, view: layer * factor)


@hookimpl
def vsrrg_filters() -> list[FilterDescriptor]:
    return [FilterDescriptor("dummy-less", "less rain", make=_less)]


class Log(Observer):
    """Writes a line for each event; raises in the one that DUMMY_FAIL names."""

    def __init__(self, path: str) -> None:
        self.path = path

    def _write(self, event: str, *what: object) -> None:
        with open(self.path, "a") as file:
            print(event, *what, file=file)
        if os.environ.get("DUMMY_FAIL") == event:
            raise OSError("the dashboard is down")

    def started(self, job: Job) -> None:
        options = job.options
        self._write("started", job.kind, job.source, job.target, options and options.model)

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        self._write("advanced", done, total)

    def finished(self, job: Job, summary: Summary) -> None:
        self._write("finished", job.kind, summary.frames, summary.seconds > 0)

    def failed(self, job: Job, error: BaseException) -> None:
        self._write("failed", job.kind, type(error).__name__)


@hookimpl
def vsrrg_observers() -> list[Observer]:
    return [Log(os.environ["DUMMY_LOG"])] if "DUMMY_LOG" in os.environ else []


@click.command("dummy-hello")
@click.argument("name")
def hello(name: str) -> None:
    """Greet someone."""
    if name == "nobody":
        raise OptionError("dummy-nobody", "nobody cannot be greeted: name somebody")
    if name == "bug":
        raise ZeroDivisionError("a bug")
    if name == "stop":
        raise KeyboardInterrupt
    click.echo(f"hello {name}")


@hookimpl
def vsrrg_commands() -> list[click.Command]:
    return [hello]
