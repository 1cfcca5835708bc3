"""What plugins hand over through the hooks of ``spec``, as far as it is not at home elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vsrrg.errors import PluginError

if TYPE_CHECKING:
    from vsrrg.engine import FrameFilter


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
    returns the host's video.
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
                f"a filter cannot be named {self.name!r}: names have letters, digits, '-' and '_'"
            )
