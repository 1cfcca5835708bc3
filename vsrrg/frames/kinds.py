"""The kinds of frames that there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from vsrrg.errors import FormatError, OptionError
from vsrrg.frames.arrays import ARRAYS
from vsrrg.frames.kind import Kind
from vsrrg.frames.pyav import PYAV
from vsrrg.frames.tensors import TENSORS
from vsrrg.frames.torchcodec import TORCHCODEC
from vsrrg.video.frame import Frame


def _accepts(item: object) -> bool:
    return isinstance(item, Frame)


def _read(frame: Frame, device: object) -> Sequence[Frame]:
    return [frame]


def _write(frame: Frame, frames: Sequence[Frame]) -> Frame:
    return replace(frames[0], origin=frame.origin)


FRAMES = Kind("vsrrg frames", _accepts, _read, _write)
CHANNELS = 4
"""That pictures have at most, whether or not they can be derained."""
KINDS = (FRAMES, ARRAYS, TENSORS, TORCHCODEC, PYAV)


def find_kind(item: object) -> Kind:
    """The kind of an object; FormatError where it is none."""
    for kind in KINDS:
        if kind.accepts(item):
            return kind
    names = [kind.name for kind in KINDS]
    raise FormatError(
        "unknown-source",
        f"vsrrg derains {', '.join(names[:-1])} and {names[-1]}, not {type(item).__name__!r} objects: "
        "convert them to one of these",
    )


def check_several(frames: object) -> None:
    """Raises OptionError for what is no iterable, and for a single frame: its rows would pass for frames."""
    if is_picture(frames) or any(kind.accepts(frames) and _is_frame(kind, frames) for kind in KINDS):
        raise OptionError(
            "single-frame",
            "this is one frame, or one batch: put it into a list, such as derain_frames([frame])",
        )
    if isinstance(frames, str | bytes) or (
        not isinstance(frames, Iterable) and not hasattr(frames, "__getitem__")
    ):
        raise OptionError(
            "unknown-source",
            "frames must be something to iterate over that gives frames, not a "
            f"{type(frames).__name__!r} object",
        )


def is_picture(item: object) -> bool:
    """Whether an array or tensor shows one picture, channels last: no gray frames of a clip are so narrow."""
    shape: tuple[int, ...] = tuple(getattr(item, "shape", ()))
    return len(shape) == 3 and shape[-1] <= CHANNELS


def _is_frame(kind: Kind, item: object) -> bool:
    try:
        kind.read(item, None)
    except FormatError:
        return False
    return True
