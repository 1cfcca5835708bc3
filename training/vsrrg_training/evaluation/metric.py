"""A figure of merit that a plugin adds to the evaluation's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from vsrrg.hooks.manager import Offer, blaming
from vsrrg_training.data.yuv import Plane
from vsrrg_training.registry import checked_name

Luma = NDArray[np.uint8]
"""Luma of a clip, (T, H, W): 8-bit codes in limited range, black at 16 and white at 235; read-only."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure of one derained clip."""

    name: str
    """Short and lower-case: the column in tables, the key in JSON."""
    description: str
    """One line for people."""
    higher_is_better: bool
    """What a reader should wish for."""
    measure: Callable[..., float | None]
    """Called for each clip as `measure(restored, rainy, clean)`, with three `Luma` of one shape, and where
    `truth` is False as `measure(restored, rainy)`. Returns a finite number, or None where it does not apply
    to the clip, for example because no rain falls in it; means then leave the clip out.
    """
    unit: str = ""
    """As in `dB` or `codes`; empty for a plain number."""
    truth: bool = True
    """Whether it needs the clean clip. One that does not is measured on real rain, too."""
    expensive: bool = False
    """Whether it is measured only when asked for by name."""

    def __post_init__(self) -> None:
        """Raises ValueError, in one sentence, for a metric that cannot be used or shown."""
        checked_name(self.name, "metric")
        for field, least in (("description", 1), ("unit", 0)):
            text = getattr(self, field)
            if not isinstance(text, str) or len(text.strip()) < least or "\n" in text or "|" in text:
                raise ValueError(
                    f"metric {self.name!r}: {field} is {text!r}; it must be one line without '|'"
                )
        for field in ("higher_is_better", "truth", "expensive"):
            if not isinstance(getattr(self, field), bool):
                raise ValueError(
                    f"metric {self.name!r}: {field} is {getattr(self, field)!r}; give True or False"
                )
        if not callable(self.measure):
            raise ValueError(f"metric {self.name!r}: measure is {self.measure!r}; it must be callable")


type Added = Sequence[Offer[Metric]]
"""Metrics to measure beside the evaluation's own figures, with the plugins that they come from."""


def measured(
    added: Added,
    clip: str,
    restored: Iterable[Plane],
    rainy: Iterable[Plane],
    clean: Iterable[Plane] | None = None,
) -> dict[str, float]:
    """The figures of a derained clip by name, from the luma of its frames; `clip` is for messages.

    Raises PluginError, naming the plugin, where a metric fails or returns something else than it may.
    """
    if not added:
        return {}
    shown = [np.stack(list(frames)) for frames in (restored, rainy, clean) if frames is not None]
    for luma in shown:
        luma.flags.writeable = False
    figures = {}
    for offer in added:
        metric = offer.item
        with blaming(offer.plugin, f"to measure {metric.name!r} of {clip}"):
            value = _checked(metric.measure(*(shown if metric.truth else shown[:2])))
        if value is not None:
            figures[metric.name] = value
    return figures


def labels(added: Added) -> list[str]:
    """Headers of their columns."""
    return [f"{m.name}, {m.unit}" if m.unit else m.name for m in (offer.item for offer in added)]


def cells(added: Added, figures: Sequence[Mapping[str, float]]) -> list[str]:
    """Their means over some clips, for a table; empty where a metric applies to none of them."""
    found = ([f[offer.item.name] for f in figures if offer.item.name in f] for offer in added)
    return [f"{np.mean(values):.4g}" if values else "" for values in found]


def legend(added: Added) -> list[str]:
    """What they are, as a paragraph of Markdown; none where there are none."""
    lines = []
    for offer in added:
        wish = "higher is better" if offer.item.higher_is_better else "lower is better"
        lines.append(f"- {offer.item.name}: {offer.item.description}; {wish} (plugin {offer.plugin}).")
    return ["\n".join(lines)] if lines else []


def _checked(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"it returned a {type(value).__name__}, and a number or None is wanted")
    if not math.isfinite(value):
        raise ValueError(f"it returned {value}, and a finite number or None is wanted")
    return float(value)
