"""What plugins hand over through the hooks of ``spec``, as far as it is not at home elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vsrrg.errors import PluginError

if TYPE_CHECKING:
    from vsrrg.engine import FrameFilter, Options


@dataclass(frozen=True)
class HostAdapter:
    """How ``vsrrg.derain(source, ...)`` handles the videos of one host, such as VapourSynth clips."""

    name: str
    """Short and lower-case, for messages: ``vapoursynth``."""
    description: str
    """One line for people: what kinds of source it takes."""
    accepts: Callable[[object], bool]
    """Says cheaply, without importing the host, whether the source is one of the host's videos."""
    derain: Callable[..., object]
    """Called as ``derain(source, **options)``. Takes as keywords the options of ``vsrrg.derain`` (strength,
    model, backend, device, precision, max_memory, output, lookahead, scene_cuts, filters) and any of its own;
    returns the host's video, which ``accepts`` takes.
    """


@dataclass(frozen=True)
class FilterDescriptor:
    """A filter to choose by name; raises PluginError for a name that nobody could write."""

    name: str
    """What users write: ``--filter NAME``. Letters, digits, ``-`` and ``_``."""
    description: str
    """One line for the list of filters."""
    make: Callable[..., FrameFilter]
    """Makes the filter for one clip. Its parameters are those that users may give (``NAME:key=value,...``),
    as strings and by keyword; those without a default must be given. A ValueError, or OptionError, tells
    users in one sentence what is wrong with a value.
    """

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-]+", self.name):
            raise PluginError(
                "invalid-filter",
                f"a filter cannot be named {self.name!r}: names have letters, digits, '-' and '_'",
            )


@dataclass(frozen=True)
class ErrorDescriptor:
    """A code that errors may have."""

    name: str
    """The code: the plugin's name and what is wrong, as in ``snow-too-cold``; those of vsrrg need no prefix,
    and plugins raise errors with them, too.
    """
    description: str
    """What it means, in a line."""
    page: Path
    """A file of Markdown for users: what happened, an example, what to do."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run over one video."""

    kind: str
    """What runs: the name of the command, such as "derain" or "pipe"."""
    source: str
    """Path of the video that goes in; "-" for stdin."""
    target: str
    """Path of what comes out; "-" for stdout."""
    options: Options | None = None
    """What the engine was asked for, where it is vsrrg's own."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a finished job did."""

    frames: int
    """Frames that came out."""
    seconds: float
    """Wall time of the whole job."""


@runtime_checkable
class Observer(Protocol):
    """Learns how jobs go; a class derived from this one may leave methods out.

    ``started`` comes first, ``finished`` or ``failed`` last. One that raises stops the job; in ``failed``
    that is only logged. Several jobs may run at the same time. Stdout is not for observers: a job may write
    its video there.
    """

    def started(self, job: Job) -> None:
        """Nothing of the job has been done."""

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        """So many frames have come out, of so many in all; None where nobody knows, else perhaps an estimate.

        Called some ten times a second at most, and for the last frame.
        """

    def finished(self, job: Job, summary: Summary) -> None:
        """The job is done, and what it made is in its place."""

    def failed(self, job: Job, error: BaseException) -> None:
        """The job has ended with this error, which may be a KeyboardInterrupt. What it made is gone, but for
        what went into a pipe.
        """
