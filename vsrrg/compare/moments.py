"""Rainy frames with their derained ones, and with the true ones where there are any.

Frames of two files belong together when their times, each counted from the first frame of its file, differ by
less than half a frame.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from vsrrg.compare.clips import Clip, Span, Timed, around, read
from vsrrg.errors import MediaError

if TYPE_CHECKING:
    import av

    from vsrrg.frames import Derainer


@dataclass(frozen=True, eq=False)
class Moment:
    """What is shown at one time."""

    time: Fraction
    """Seconds since the first frame of the rainy file."""
    rainy: av.VideoFrame
    derained: av.VideoFrame
    reference: av.VideoFrame | None = None
    """The scene as it is without rain."""


def check_alike(rainy: Clip, *others: Clip) -> None:
    """Raises MediaError unless all are of the size of the first."""
    for other in others:
        if (other.width, other.height) != (rainy.width, rainy.height):
            raise MediaError(
                "sizes-differ",
                f"{str(rainy.path)!r} is {rainy.width}x{rainy.height}, but {str(other.path)!r} is "
                f"{other.width}x{other.height}: give videos of the same size",
            )


def moments(
    rainy: Clip, derained: Clip | Derainer, reference: Clip | None, span: Span
) -> Generator[Moment, None, None]:
    """The frames of a span; those of a Derainer are made now, as they would come out of the whole file.

    Raises:
        MediaError: a file cannot be decoded, or frames have no partner.
        FormatError, OptionError, PluginError: as the Derainer.
    """
    both = _matched(rainy, derained, span) if isinstance(derained, Clip) else _made(rainy, derained, span)
    if reference is None:
        for before, after in both:
            yield Moment(before.time, before.frame, after)
        return
    true = _matched(rainy, reference, span)
    for (before, after), (_, frame) in zip(both, true, strict=True):
        yield Moment(before.time, before.frame, after, frame)


def _made(clip: Clip, derainer: Derainer, span: Span) -> Iterator[tuple[Timed, av.VideoFrame]]:
    """Rainy frames and what becomes of them, with the neighbours that the model sees beside the span."""
    waiting: deque[Timed] = deque()

    def given() -> Iterator[av.VideoFrame]:
        for timed in around(clip, span, max(2, derainer.radius)):
            waiting.append(timed)
            yield timed.frame

    for clean in derainer.stream(given()):
        timed = waiting.popleft()
        if timed.time in span:
            yield timed, clean


def _matched(clip: Clip, other: Clip, span: Span) -> Iterator[tuple[Timed, av.VideoFrame]]:
    """Frames of a clip and their partners in another."""
    near = clip.step / 2
    partners: Iterator[Timed] | None = None
    ended = True
    for timed in read(clip, span.start):
        if timed.time >= span.end:
            ended = False
            break
        if partners is None:
            partners = read(other, max(Fraction(0), timed.time - near))
        partner = next(partners, None)
        if partner is None:
            raise MediaError(
                "moments-differ", f"{_at(clip, timed)}, but {str(other.path)!r} has ended: {_ADVICE}"
            )
        if abs(partner.time - timed.time) >= near:
            raise MediaError(
                "moments-differ",
                f"{_at(clip, timed)}, but {str(other.path)!r} has one at {seconds(partner.time)}: {_ADVICE}",
            )
        yield timed, partner.frame
    if ended and partners is not None and (more := next(partners, None)) is not None:
        raise MediaError(
            "moments-differ",
            f"{str(clip.path)!r} has ended, but {str(other.path)!r} has a frame at {seconds(more.time)}: "
            f"{_ADVICE}",
        )


_ADVICE = "give videos with the same frames, or a --start and --duration in which they agree"


def _at(clip: Clip, timed: Timed) -> str:
    return f"{str(clip.path)!r} has a frame at {seconds(timed.time)}"


def seconds(time: Fraction) -> str:
    """For people."""
    return f"{float(time):.3f} s"
