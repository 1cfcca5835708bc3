"""A session as the engine calls it: somebody answers for what it raises, and for layers that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vsrrg.backends.base import Session
from vsrrg.engine.budget import is_shortage
from vsrrg.errors import ModelError, PluginError, VsrrgError, one_line
from vsrrg.errors.faults import excused
from vsrrg.models.base import Features

if TYPE_CHECKING:
    from torch import Tensor


class Network:
    """Encodes and fuses as its session does. Threads may share it.

    Raises:
        PluginError: where a plugin is to blame, for what the session raises and does wrong, but for errors of
            ``vsrrg.errors``.
        ModelError: where none is, for layers that do not fit.
    """

    def __init__(self, session: Session, blamed: str | None = None) -> None:
        """Take the session, and what messages call the model and the plugin that is to blame for it, such as
        "model 'snow' of plugin snow"; None where it is vsrrg's own.
        """
        self._session = session
        self._blamed = blamed

    def encode(self, packed: Tensor) -> Features:
        """See `Session.encode`."""
        with answering(self._blamed, "encode"):
            return self._session.encode(packed)

    def fuse(self, window: Sequence[Features], height: int, width: int) -> Tensor:
        """See `Session.fuse`; a layer of this size, in packed pixels, whose samples nobody has looked at."""
        import torch

        with answering(self._blamed, "fuse"):
            made: object = self._session.fuse(window)
        if not isinstance(made, torch.Tensor):
            raise self.refused(f"made a {type(made).__name__} instead of a layer")
        wanted, on = (1, 6, height, width), self._session.device.type
        if made.shape != wanted or not made.is_floating_point() or made.device.type != on:
            raise self.refused(
                f"made a layer {tuple(made.shape)} of {made.dtype} on {made.device} "
                f"instead of one {wanted} of floats on {on}"
            )
        return made

    def refused(self, what: str) -> VsrrgError:
        """The error for what the session did wrong."""
        if self._blamed is not None:
            return _failed(f"{self._blamed} {what}")
        return ModelError(
            "wrong-layer",
            f"model {self._session.descriptor.name!r} {what} in {self._session.dtype}: choose another "
            "precision, backend or model",
        )


@contextmanager
def answering(blamed: str | None, step: str) -> Iterator[None]:
    """Makes what is raised inside a PluginError, where there is somebody to blame; see `Network`."""
    try:
        yield
    except BaseException as error:
        if blamed is None or isinstance(error, VsrrgError) or excused(error) or is_shortage(error):
            raise
        raise _failed(f"{blamed} failed in {step}: {one_line(error)}") from error


def _failed(what: str) -> PluginError:
    return PluginError("plugin-failed", f"{what}; choose another, or update the plugin")
