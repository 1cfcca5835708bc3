"""Adds the model ``dummy-dimmer``, whose rain is a fifth of the luma, the filter ``dummy-less``, which leaves
some of it, and the command ``dummy-hello``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from vsrrg.errors import OptionError
from vsrrg.hooks import FilterDescriptor, hookimpl
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


@click.command("dummy-hello")
@click.argument("name")
def hello(name: str) -> None:
    """Greet someone."""
    if name == "nobody":
        raise OptionError("nobody cannot be greeted: name somebody")
    if name == "bug":
        raise ZeroDivisionError("a bug")
    if name == "stop":
        raise KeyboardInterrupt
    click.echo(f"hello {name}")


@hookimpl
def vsrrg_commands() -> list[click.Command]:
    return [hello]
