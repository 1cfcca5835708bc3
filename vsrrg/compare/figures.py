"""What is measured of every frame, on luma in 8-bit codes, before anything is scaled or compressed.

With x the rainy frame, y the derained one, g the true one, t the frame and means over all pixels:

    rain energy = sqrt(mean (x_t - y_t)^2)
    flicker(x)  = sqrt(mean (x_t - clip(x_t, min(x_t-1, x_t+1), max(x_t-1, x_t+1)))^2)
    PSNR(x)     = 10 log10(255^2 / mean (x_t - g_t)^2)
    SSIM(x)     = that of ffmpeg's filter ssim, of x_t and g_t rounded to whole codes

Flicker is what a frame has for itself: how far its pixels lie outside of the two neighbours in time. An edge
that moves lies between them and counts little; a streak that is gone in the next frame counts in full.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from vsrrg.compare.luma import BLACK, WHITE, Luma, luma
from vsrrg.compare.moments import Moment
from vsrrg.engine.scene import Signature, is_cut, signature

if TYPE_CHECKING:
    import av

PSNR_CAP = 100.0
"""PSNR (dB) of identical pictures."""

type Series = dict[str, dict[str, list[float | None]]]
"""Figure, line ("rainy", "derained"), and a value for each frame; None where there is none."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One chart."""

    key: str
    title: str
    unit: str
    meaning: str
    """For the page."""
    lines: tuple[str, ...]
    digits: int
    """Behind the point."""
    truth: bool = False
    """Whether it needs the true frames."""


FIGURES = (
    Figure(
        key="rain",
        title="Rain energy",
        unit="codes",
        lines=("removed",),
        digits=2,
        meaning="What was taken away: root mean square of rainy minus derained, over all pixels.",
    ),
    Figure(
        key="flicker",
        title="Flicker",
        unit="codes",
        lines=("rainy", "derained"),
        digits=2,
        meaning="What a frame has for itself: how far pixels lie outside of the range of the same pixels in "
        "the frame before and the frame after, root mean square. Streaks, noise and small things in motion "
        "count; edges in motion hardly do. There is none for the first and the last frame, and beside cuts.",
    ),
    Figure(
        key="psnr",
        title="PSNR",
        unit="dB",
        lines=("rainy", "derained"),
        digits=2,
        truth=True,
        meaning="Closeness to the reference, from the mean squared difference with peak 255; more is better, "
        f"and {PSNR_CAP:.0f} stands for no difference.",
    ),
    Figure(
        key="ssim",
        title="SSIM",
        unit="",
        lines=("rainy", "derained"),
        digits=4,
        truth=True,
        meaning="Likeness of structure to the reference, from 0 to 1, as ffmpeg's filter ssim measures it "
        "(in blocks of 8x8 pixels; other programs weight pixels otherwise and give other numbers).",
    ),
)


def figures(truth: bool) -> tuple[Figure, ...]:
    """Those that can be measured with, or without, the true frames."""
    return tuple(figure for figure in FIGURES if truth or not figure.truth)


@dataclass(frozen=True, eq=False)
class _Seen:
    lumas: Mapping[str, Luma]
    signature: Signature


@dataclass(eq=False)
class Meter:
    """Measures the moments of one excerpt, one after the other."""

    truth: bool
    """Whether moments have true frames."""
    _series: Series = field(init=False)
    _cuts: list[int] = field(default_factory=list)
    _last: list[_Seen] = field(default_factory=list)
    _likeness: _Likeness = field(init=False)

    def __post_init__(self) -> None:
        self._series = {one.key: {line: [] for line in one.lines} for one in figures(self.truth)}
        self._likeness = _Likeness()

    def add(self, moment: Moment) -> None:
        """Measure one moment."""
        lumas = {"rainy": luma(moment.rainy), "derained": luma(moment.derained)}
        self._put("rain", "removed", rms(lumas["rainy"] - lumas["derained"]))
        if moment.reference is not None:
            true = luma(moment.reference)
            for line, one in lumas.items():
                self._put("psnr", line, psnr(one, true))
                self._put("ssim", line, self._likeness(one, true))
        seen = _Seen(lumas, cells(lumas["rainy"]))
        if self._last and is_cut(self._last[-1].signature, seen.signature):
            self._cuts.append(len(self._series["rain"]["removed"]) - 1)
            self._settle(None)
            self._last = []
        elif self._last:
            self._settle(seen)
        self._last = [*self._last, seen][-2:]

    def finish(self) -> tuple[Series, list[int]]:
        """The figures, and the frames with which new shots begin."""
        if self._last:
            self._settle(None)
        return self._series, self._cuts

    def _settle(self, after: _Seen | None) -> None:
        """Puts the flicker of the newest frame that has been seen."""
        for line in ("rainy", "derained"):
            value = None
            if after is not None and len(self._last) == 2:
                before, one = (seen.lumas[line] for seen in self._last)
                value = flicker(before, one, after.lumas[line])
            self._put("flicker", line, value)

    def _put(self, key: str, line: str, value: float | None) -> None:
        self._series[key][line].append(None if value is None else round(value, 5))


def rms(difference: Luma) -> float:
    """Root mean square."""
    flat = difference.ravel()
    return math.sqrt(float(np.dot(flat, flat)) / flat.size)


def flicker(before: Luma, one: Luma, after: Luma) -> float:
    """Root mean square of how far `one` lies outside of its neighbours in time."""
    return rms(one - np.clip(one, np.minimum(before, after), np.maximum(before, after)))


def psnr(one: Luma, true: Luma) -> float:
    """In dB, peak 255."""
    error = rms(one - true)
    return PSNR_CAP if error == 0 else min(PSNR_CAP, 20 * math.log10(255 / error))


def cells(one: Luma) -> Signature:
    """What `is_cut` needs of a frame."""
    import torch

    # One channel for the four that hold the luma of a packed frame: the means of cells are the same.
    means = signature(torch.from_numpy(one)[None])
    found: Signature = ((means - BLACK) / (WHITE - BLACK)).numpy()
    return found


class _Likeness:
    """SSIM by ffmpeg's filter, frame by frame."""

    def __init__(self) -> None:
        self._graph: Any = None
        self._count = 0

    def __call__(self, one: Luma, true: Luma) -> float:
        if self._graph is None:
            self._graph = self._made(*one.shape)
        _, sources, sink = self._graph
        for source, picture in zip(sources, (one, true), strict=True):
            source.push(self._framed(picture))
        self._count += 1
        return float(sink.pull().metadata["lavfi.ssim.Y"])

    def _made(self, rows: int, columns: int) -> Any:
        from av.filter import Graph

        graph = Graph()
        sources = [
            graph.add_buffer(width=columns, height=rows, format="gray", time_base=Fraction(1, 25))
            for _ in range(2)
        ]
        measure, sink = graph.add("ssim"), graph.add("buffersink")
        for i, source in enumerate(sources):
            source.link_to(measure, 0, i)
        measure.link_to(sink)
        graph.configure()
        return graph, sources, sink

    def _framed(self, picture: Luma) -> av.VideoFrame:
        import av

        frame = av.VideoFrame.from_ndarray(np.rint(picture).clip(0, 255).astype(np.uint8), format="gray")
        frame.pts, frame.time_base = self._count, Fraction(1, 25)
        return frame
