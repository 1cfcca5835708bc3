"""A data set: footage with a name, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from vsrrg_training.datasets.clips import PairedClip
from vsrrg_training.registry import checked_name

type Kind = Literal["pairs", "clean", "stills", "rain", "rainy_stills"]

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "pairs": "pairs",
        "clean": "clean clips",
        "stills": "clean stills",
        "rain": "rainy clips",
        "rainy_stills": "rainy stills",
    }
)
"""What a data set may give, in words."""

type FindClips = Callable[[Path], Sequence[PairedClip]]
"""The clips in a folder; those that lack a half that is asked for are passed over. Raises
``vsrrg.errors.VsrrgError``, such as RecipeError, which users read as it is, for a folder that they must put
right.
"""
type FindStills = Callable[[Path], Sequence[Path]]
"""The image files in a folder."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Footage that users choose by its name, as `NAME` or `NAME:FOLDER`, in place of a folder."""

    name: str
    """Short and lower-case."""
    description: str
    """One line for people."""
    origin: str
    """Where to get it, or that it comes with the plugin: one line."""
    licence: str
    """The terms of use, one line: a licence by name, or who says."""
    folder: Callable[[], Path] | None = None
    """Gives the folder where it lies, and may make or fetch it; called when the set is used. None: users have
    unpacked it somewhere and say where, as `NAME:FOLDER`.
    """
    layout: str = ""
    """How its folder looks, one line, for the message where nothing is found in one."""
    pairs: FindClips | None = None
    """Clips with rain and the same clips without."""
    clean: FindClips | None = None
    """Clips without rain."""
    stills: FindStills | None = None
    """Photographs without rain."""
    rain: FindClips | None = None
    """Clips with rain."""
    rainy_stills: FindStills | None = None
    """Photographs with rain."""

    def __post_init__(self) -> None:
        """Raises ValueError, in one sentence, for a data set that cannot be used or listed."""
        checked_name(self.name, "data set")
        for field in ("description", "origin", "licence"):
            text = getattr(self, field)
            if not isinstance(text, str) or not text.strip() or "\n" in text:
                raise ValueError(f"data set {self.name!r}: {field} is {text!r}; it must be one line")
        for field in ("folder", *KINDS):
            value = getattr(self, field)
            if value is not None and not callable(value):
                raise ValueError(f"data set {self.name!r}: {field} is {value!r}; it must be callable")
        if not self.gives:
            raise ValueError(f"data set {self.name!r} gives nothing: set one of {', '.join(KINDS)}")

    @property
    def written(self) -> str:
        """How users write it."""
        return self.name if self.folder else f"{self.name}:FOLDER"

    @property
    def gives(self) -> tuple[Kind, ...]:
        """The kinds of footage in it."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)
