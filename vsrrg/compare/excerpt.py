"""A piece of a clip, ready for the page: its video and its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from vsrrg.compare.clips import Clip
from vsrrg.compare.figures import Meter, Series
from vsrrg.compare.moments import Moment
from vsrrg.compare.panels import Layout, stacked
from vsrrg.compare.video import Encoded, Encoder
from vsrrg.errors import MediaError

BASE64 = Fraction(4, 3)
"""Characters of the page for a byte of video."""


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """What the page shows of one piece."""

    name: str
    """What the page calls it; "" where it is the only one."""
    times: tuple[Fraction, ...]
    """Of its frames, in seconds of the whole clip."""
    step: Fraction
    """Seconds that the last frame lasts."""
    series: Series
    cuts: tuple[int, ...]
    """Frames with which new shots begin."""
    video: Encoded
    full: bool
    """Whether it ends where it does because the page is full."""


def excerpt(
    clip: Clip,
    moments: Iterable[Moment],
    to: Layout,
    *,
    name: str = "",
    truth: bool,
    max_bytes: int,
    done: Callable[[], None],
) -> Excerpt:
    """Measure and encode moments, until they end or the page would be larger than `max_bytes`.

    `done` is called after each. Raises MediaError if there are none.
    """
    meter, encoder = Meter(truth), Encoder(to, clip.rate)
    times: list[Fraction] = []
    full = False
    for moment in moments:
        if encoder.size * BASE64 > max_bytes:
            full = True
            break
        times.append(moment.time)
        meter.add(moment)
        encoder.add(*stacked(moment, clip, to), moment.time - times[0])
        done()
    if not times:
        raise MediaError("nothing-there", f"{str(clip.path)!r} has no frame there: choose another --start")
    series, cuts = meter.finish()
    return Excerpt(
        name=name,
        times=tuple(times),
        step=clip.step,
        series=series,
        cuts=tuple(cuts),
        video=encoder.finish(),
        full=full,
    )
