"""Between VapourSynth's frames and vsrrg's: planes without a copy, colours and scene marks by property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import vapoursynth as vs

from vsrrg.errors import FormatError
from vsrrg.video.color import MATRIX_CODES, ColorSpec, Matrix
from vsrrg.video.format import PixelFormat
from vsrrg.video.frame import Frame

type Mask = np.ndarray[Any, np.dtype[np.float32]]

_MATRICES: dict[int, Matrix] = {code: name for name, code in MATRIX_CODES.items() if name != "rgb"}
_RANGES: dict[int, Literal["limited", "full"]] = {0: "limited", 1: "full"}
_FIELDS = {1: "bottom", 2: "top"}


def read_frame(frame: vs.VideoFrame, fmt: PixelFormat, cut: bool | None) -> Frame:
    """A view of `frame`: its own memory, read-only, valid as long as the frame is held."""
    planes = tuple(np.asarray(frame[plane]) for plane in range(fmt.planes))
    return Frame(planes, fmt, _color(frame.props, fmt, frame.width, frame.height), cut=cut)


def write_frame(result: Frame, source: vs.VideoFrame) -> vs.VideoFrame:
    """A new frame with the pixels of `result` and all properties of `source`."""
    written = source.copy()
    for plane, samples in enumerate(result.planes):
        np.copyto(np.asarray(written[plane]), samples, casting="no")
    return written


def read_mask(frame: vs.VideoFrame) -> Mask:
    """A GRAY frame as strength: (rows, cols), its 0..peak as 0..1 and clamped to that; not a number is 0."""
    samples: np.ndarray[Any, Any] = np.asarray(frame[0])
    if frame.format.sample_type == vs.INTEGER:
        peak = (1 << frame.format.bits_per_sample) - 1
        strength: Mask = np.divide(samples, peak, dtype=np.float32)
    else:
        strength = np.nan_to_num(samples.astype(np.float32), nan=0.0)
    return np.clip(strength, 0.0, 1.0, out=strength)


def refuse_interlaced(frame: vs.VideoFrame, n: int) -> None:
    """FormatError if frame n is marked as interlaced."""
    field = _int(frame.props, "_FieldBased")
    if field in _FIELDS:
        raise FormatError(
            "interlaced-source",
            f"frame {n} is interlaced (_FieldBased={field}, {_FIELDS[field]} field first): deinterlace the "
            "clip first, or mark it with std.SetFieldBased(0) if it is progressive after all",
        )


def scene_mark(frame: vs.VideoFrame, previous: vs.VideoFrame) -> bool | None:
    """Whether `frame` is the first of a shot, as it or the frame before it says; None if neither does."""
    marks = [_int(frame.props, "_SceneChangePrev"), _int(previous.props, "_SceneChangeNext")]
    said = [mark != 0 for mark in marks if mark is not None]
    return any(said) if said else None


def _color(props: Mapping[str, Any], fmt: PixelFormat, width: int, height: int) -> ColorSpec:
    if fmt.family == "rgb":
        return ColorSpec.guess(fmt, width, height)
    matrix, value_range = _int(props, "_Matrix"), _int(props, "_Range")
    return ColorSpec.guess(
        fmt,
        width,
        height,
        matrix=None if matrix is None else _MATRICES.get(matrix),
        range=None if value_range is None else _RANGES.get(value_range),
    )


def _int(props: Mapping[str, Any], name: str) -> int | None:
    value = props.get(name)
    return value if isinstance(value, int) else None
