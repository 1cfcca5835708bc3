"""The steps from one frame to another with filters among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vsrrg.backends.base import Session
from vsrrg.engine.budget import Budget, is_shortage
from vsrrg.engine.device_frame import DeviceFrame
from vsrrg.engine.filters import FrameFilter, View
from vsrrg.engine.lane import Lane, Later
from vsrrg.engine.options import Output
from vsrrg.engine.pipeline import Encoded, Mask, Pipeline
from vsrrg.errors import FormatError, PluginError, one_line
from vsrrg.errors.faults import excused
from vsrrg.video.frame import Frame

if TYPE_CHECKING:
    from torch import Tensor


class FilteredPipeline(Pipeline):
    """The steps of `Pipeline`, with those of filters, in their order, where they belong.

    A filter that raises or returns what does not fit stops the job with a PluginError that names it.
    """

    def __init__(
        self,
        session: Session,
        filters: Sequence[FrameFilter],
        *,
        output: Output,
        scene_cuts: bool,
        budget: Budget | None = None,
        blamed: str | None = None,
    ) -> None:
        super().__init__(session, output=output, scene_cuts=scene_cuts, budget=budget, blamed=blamed)
        self._filters = filters

    def _encode(self, lane: Lane, frame: Frame) -> Encoded:
        import torch

        if isinstance(frame, DeviceFrame):
            raise FormatError(
                "planes-elsewhere",
                "filters look at frames in main memory, and the planes of this one are on "
                f"{frame.planes[0].device}: give a Frame instead, or leave the filters out",
            )
        seen = _locked(frame)
        for filter in self._filters:
            if filter.before is not None:
                seen = _locked(_frame(filter, "before", filter.before, seen))
        encoded = super()._encode(lane, seen)
        if all(filter.before is None for filter in self._filters):
            return encoded
        with torch.inference_mode(), lane.computing():
            return replace(encoded, planes=lane.upload(frame.planes), ready=lane.mark())

    def _render(
        self, lane: Lane, frame: Frame, window: Sequence[Encoded], strength: float | Mask
    ) -> Later[Frame]:
        import torch

        view = View(
            source=_locked(frame),
            frames=tuple(encoded.frame for encoded in window),
            strength=strength if isinstance(strength, float) else _read_only(strength),
        )
        with torch.inference_mode(), lane.computing():
            rain, found = self._fuse(lane, frame, window)
            rain, filtered = self._filtered(lane, rain, view)
            made = self._composite(lane, frame, window[len(window) // 2].planes, rain, strength)

        def finished() -> Frame:
            found()
            filtered()
            result = made()
            for filter in self._filters:
                if filter.after is not None and self.output == "clean":
                    result = _frame(filter, "after", filter.after, _locked(result), view)
            return result

        if lane.ahead:
            return finished
        # All is there: whoever computes does this, too, rather than who waits.
        result = finished()
        return lambda: result

    def _filtered(self, lane: Lane, rain: Tensor, view: View) -> tuple[Tensor, Callable[[], None]]:
        """The rain layer that the filters make of this one, and what raises if one of them is not finite; the
        host does not wait for that before it is read.
        """
        import torch

        filters = [filter for filter in self._filters if filter.rain is not None]
        if not filters:
            return rain, lambda: None
        rain = rain.to(torch.float32)
        sums = []
        for filter in filters:
            assert filter.rain is not None
            # A copy, because whoever made this one may need it again.
            rain = _layer(filter, filter.rain, rain.clone(), view)
            sums.append(rain.sum())
        arrived = lane.download(sums)

        def check() -> None:
            for filter, total in zip(filters, arrived(), strict=True):
                if not np.isfinite(total):
                    raise _refused(filter, "rain", "a layer that is not finite")

        return rain, check


def _frame(
    filter: FrameFilter, step: str, function: Callable[..., object], frame: Frame, *view: View
) -> Frame:
    """What a step makes of a frame, once it is known to be a frame like that."""
    made = _call(filter, step, function, frame, *view)
    if not isinstance(made, Frame):
        raise _refused(filter, step, f"a {type(made).__name__} instead of a Frame")
    if (got := _described(made)) != (wanted := _described(frame)):
        raise _refused(filter, step, f"a frame that is {got} instead of {wanted}")
    if _is_finite(frame) and not _is_finite(made):
        raise _refused(filter, step, "a frame that is not finite")
    return replace(made, origin=frame.origin)


def _layer(filter: FrameFilter, function: Callable[..., object], rain: Tensor, view: View) -> Tensor:
    """What a step makes of a rain layer, once it is known to be a layer like that."""
    import torch

    def described(layer: Tensor) -> str:
        return f"{layer.dtype} {tuple(layer.shape)} on {layer.device}"

    made = _call(filter, "rain", function, rain, view)
    if not isinstance(made, torch.Tensor):
        raise _refused(filter, "rain", f"a {type(made).__name__} instead of a tensor")
    if (got := described(made)) != (wanted := described(rain)):
        raise _refused(filter, "rain", f"a layer that is {got} instead of {wanted}")
    return made


def _call(filter: FrameFilter, step: str, function: Callable[..., object], *given: object) -> object:
    try:
        return function(*given)
    except BaseException as error:
        if excused(error) or is_shortage(error):
            raise  # There may be enough when less is worked on at once.
        raise PluginError(
            "filter-failed", f"{filter.name} failed in {step}: {one_line(error)}; leave it out, or update it"
        ) from error


def _refused(filter: FrameFilter, step: str, what: str) -> PluginError:
    return PluginError(
        "filter-failed", f"{filter.name} returned from {step} {what}; leave it out, or update it"
    )


def _described(frame: Frame) -> str:
    color = frame.color
    return (
        f"{frame.width}x{frame.height} {frame.format.name} ({color.matrix}, {color.range}), "
        f"pts {frame.pts}, cut {frame.cut}"
    )


def _is_finite(frame: Frame) -> bool:
    return frame.format.sample != "float" or all(bool(np.isfinite(plane).all()) for plane in frame.planes)


def _locked(frame: Frame) -> Frame:
    """The frame with planes that cannot be written to."""
    return replace(frame, planes=tuple(map(_read_only, frame.planes)))


def _read_only[A: np.ndarray[Any, Any]](array: A) -> A:
    view = array.view()
    view.flags.writeable = False
    return view
