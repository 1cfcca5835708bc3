"""A derained video: an iterator that owns its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from vsrrg import Derainer
from vsrrg.errors import FormatError, MediaError, OptionError

if TYPE_CHECKING:
    import cv2

type Array = np.ndarray[Any, np.dtype[Any]]


class CleanVideo(Iterator[Array]):
    """The derained frames of a source, which is let go of with the last one, by `close` or after `with`."""

    def __init__(self, source: cv2.VideoCapture | Iterable[Array], derainer: Derainer) -> None:
        frames = source if isinstance(source, Iterable) else _frames(source)
        self._source = source
        self._clean = derainer.stream(_rgb(frame) for frame in frames)

    def __next__(self) -> Array:
        try:
            return _bgr(next(self._clean))
        except BaseException:  # There is nothing to come after the end, or a failure.
            self.close()
            raise

    def close(self) -> None:
        """Stop, and release the capture, or close the iterator."""
        self._clean.close()
        release = getattr(self._source, "release", None) or getattr(self._source, "close", None)
        if release is not None:
            release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def clean_video(source: Any, *, low_latency: bool, lookahead: int | None, **options: Any) -> CleanVideo:
    """See `vsrrg_opencv.derain`, whose options these are."""
    if low_latency and lookahead:
        raise OptionError(
            "invalid-lookahead",
            f"low_latency looks at no frame of the future, lookahead={lookahead} at some: choose",
        )
    _check(source)
    return CleanVideo(source, Derainer(lookahead=0 if low_latency else lookahead, **options))


def _check(source: Any) -> None:
    if isinstance(source, np.ndarray) and (source.ndim < 3 or (source.ndim == 3 and source.shape[2] <= 4)):
        raise OptionError(
            "single-frame", "this is one frame: put it into a list, such as vsrrg_opencv.derain([frame])"
        )
    if isinstance(source, Iterable) and not isinstance(source, str | bytes):
        return
    if not callable(getattr(source, "isOpened", None)):
        raise OptionError(
            "unknown-source",
            "vsrrg_opencv.derain takes a cv2.VideoCapture, or frames to iterate over, and not "
            f"{type(source).__name__!r} objects",
        )
    if not source.isOpened():
        raise MediaError(
            "unreadable-source",
            "the capture is not open: there is no such file or camera, another program uses it, or it was "
            "released",
        )


def _frames(capture: cv2.VideoCapture) -> Iterator[Array]:
    """What the capture reads. Files that end, cameras that are unplugged: OpenCV does not tell them apart."""
    import cv2

    while True:
        try:
            there, frame = capture.read()
        except cv2.error:  # The end, for captures in exception mode.
            return
        if not there:
            return
        yield frame


def _rgb(frame: Array) -> Array:
    if not isinstance(frame, np.ndarray):
        raise FormatError(
            "unknown-source",
            f"OpenCV's frames are numpy arrays, and not {type(frame).__name__!r} objects: leave out what "
            "could not be read",
        )
    return frame[..., ::-1] if frame.ndim == 3 else frame


def _bgr(frame: Array) -> Array:
    """OpenCV does not take views of reversed channels."""
    return np.ascontiguousarray(frame[..., ::-1]) if frame.ndim == 3 else frame
