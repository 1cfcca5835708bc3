"""A run as a picture: frames a second with their spread, and where the time goes."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from vsrrg.bench.case import Result
from vsrrg.bench.record import Record
from vsrrg.bench.report import heading, method, number
from vsrrg.bench.stages import REST, in_order
from vsrrg.errors import OptionError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REAL_TIME = (25, 60)
"""Frames a second at which lines are drawn."""


def check_plotting() -> None:
    """OptionError where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise OptionError(
            "missing-package", "plots need matplotlib: pip install 'vsrrg[bench]', or write .json or .md"
        )


def plot(record: Record, kind: str) -> bytes:
    """The run as an image file of this kind, "svg" or "png"."""
    from matplotlib.figure import Figure

    results = record.measured[::-1]  # bars grow upwards
    staged = any(one.stages for one in results)
    rows = max(1, len(results))
    figure = Figure(figsize=(12 if staged else 8, 1.4 + 0.32 * rows), layout="constrained")
    axes: Any = figure.subplots(1, 2 if staged else 1, squeeze=False, sharey=True)[0]
    _speed(axes[0], results)
    if staged:
        _stages(axes[1], results)
    figure.suptitle(heading(record), fontsize=7)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=150)
    return buffer.getvalue()


def _speed(axes: Axes, results: list[Result]) -> None:
    fps = [one.fps for one in results]
    below = [one.fps - 1 / one.seconds.quartiles[1] for one in results]
    above = [1 / one.seconds.quartiles[0] - one.fps for one in results]
    colours = ["C0" if one.case.kind == "network" else "0.7" for one in results]
    bars = axes.barh(range(len(results)), fps, xerr=[below, above], color=colours, height=0.7)
    axes.bar_label(bars, [number(value) for value in fps], padding=3, fontsize=7)
    labels = [f"{one.case.size} {one.case.format}  {method(one)}" for one in results]
    axes.set_yticks(range(len(results)), labels, fontsize=7)
    for rate in REAL_TIME:
        axes.axvline(rate, color="0.4", linewidth=0.7, linestyle=":")
    if fps:
        axes.set_xscale("log")
        axes.set_xlim(min(1.0, *fps) / 2, 8 * max(*REAL_TIME, *fps))  # room for the numbers
        axes.xaxis.set_major_formatter("{x:,g}")
    lines = " and ".join(map(str, REAL_TIME))
    axes.set_xlabel(f"frames a second: medians and quartiles; dotted lines at {lines}", fontsize=7)
    axes.tick_params(labelsize=7)


def _stages(axes: Axes, results: list[Result]) -> None:
    left = [0.0] * len(results)
    for i, name in enumerate(in_order(name for one in results for name in one.stages)):
        widths = [one.stages.get(name, 0.0) / (sum(one.stages.values()) or 1.0) for one in results]
        colour = "0.85" if name == REST else f"C{i % 10}"
        axes.barh(range(len(results)), widths, left=left, label=name, color=colour, height=0.7)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.set_xlim(0, 1)
    axes.tick_params(labelsize=7)
    axes.set_xlabel("share of the time of a frame", fontsize=7)
    axes.legend(fontsize=7, ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
