"""From video files to a page that compares them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vsrrg.compare.clips import Clip, Span, open_clip
from vsrrg.compare.excerpt import Excerpt, excerpt
from vsrrg.compare.facts import Work, facts, note, subtitle
from vsrrg.compare.figures import figures
from vsrrg.compare.moments import check_alike, moments
from vsrrg.compare.page import Page, html
from vsrrg.compare.panels import layout
from vsrrg.compare.scout import rainiest, scout
from vsrrg.errors import MediaError, OptionError
from vsrrg.files import write_whole

if TYPE_CHECKING:
    from vsrrg.engine import Options

LOOK = Fraction(1)
"""Seconds of each place that is looked at for rain."""
DURATION = Fraction(10)
"""Seconds of an excerpt."""
PREVIEW = Fraction(1)
"""Seconds of each excerpt of a preview."""
HEIGHT = 720
MAX_BYTES = 64 * 2**20
LEAST = 2**20
REST = 2**19
"""Bytes of a page beside its videos, about."""

type Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is shown of the clips, and how large; raises OptionError for a page that is too small."""

    start: Fraction | None = None
    """Seconds; None looks for the rainiest place where the clip is longer than the duration."""
    duration: Fraction = DURATION
    height: int = HEIGHT
    """Rows of a picture at most."""
    max_bytes: int = MAX_BYTES
    """Of the page; excerpts end where it is full."""

    def __post_init__(self) -> None:
        if self.max_bytes < LEAST:
            raise OptionError(
                "page-too-small",
                f"a page takes {LEAST / 2**20:.0f} MiB at least, "
                f"so {self.max_bytes} bytes are too few for it",
            )


@dataclass(frozen=True)
class Made:
    """A page that was written."""

    path: Path
    size: int
    """In bytes."""
    frames: int
    full: bool
    """Whether it shows less than was asked for because it is full."""


def compare(
    rainy: Path,
    derained: Path | Options,
    target: Path,
    *,
    reference: Path | None = None,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write a page that shows a clip and what became of it: a file of the same frames, or the work of an
    engine with these options.

    Raises:
        MediaError: a file cannot be read or written, or the files do not belong together.
        FormatError: a pixel format is not supported.
        OptionError, ModelError, PluginError: the options ask for what does not exist.
    """
    choices = choices or Choices()
    check_page(target)
    clip = open_clip(rainy)
    true = None if reference is None else open_clip(reference)
    work = _worker(clip, derained)
    if true is not None:
        check_alike(clip, true)
    span = _chosen(clip, choices)
    return _write(clip, work, true, [("", span)], target, choices, progress)


def preview(
    rainy: Path,
    options: Options,
    target: Path,
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write a page with three excerpts of a clip, those with most, medium and least rain of some places that
    are looked at; only they are derained. `choices.duration` is that of each.

    Raises as `compare`.
    """
    choices = choices or Choices(duration=PREVIEW)
    check_page(target)
    clip = open_clip(rainy)
    work = _worker(clip, options)
    spans = [(name, place.span) for name, place in rainiest(scout(clip, choices.duration))]
    spans = spans or [("", Span(Fraction(0), choices.duration))]
    return _write(clip, work, None, spans, target, choices, progress)


def check_page(target: Path) -> None:
    """Raises MediaError if there can be no such page."""
    shown = repr(str(target))
    if target.suffix.lower() not in (".html", ".htm"):
        raise MediaError("wrong-suffix", f"{shown} is to be an HTML page: name it .html")
    if target.is_dir():
        raise MediaError("target-is-folder", f"{shown} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise MediaError("target-folder-missing", f"the folder of {shown} does not exist")
    if not os.access(target.parent, os.W_OK):
        raise MediaError("target-unwritable", f"the folder of {shown} cannot be written")


def _worker(clip: Clip, derained: Path | Options) -> Work:
    if isinstance(derained, Path):
        other = open_clip(derained)
        check_alike(clip, other)
        return Work(derained=other)
    from vsrrg.frames import Derainer

    return Work(derained=Derainer(**{**vars(derained), "output": "clean"}), options=derained)


def _chosen(clip: Clip, choices: Choices) -> Span:
    """The piece to show."""
    start = choices.start
    if start is None:
        start = Fraction(0)
        if clip.seconds is not None and clip.seconds > choices.duration:
            places = scout(clip, min(LOOK, choices.duration))
            best = max(places, key=lambda place: place.rain, default=None)
            if best is not None:
                start = min(best.span.start, clip.seconds - choices.duration)
    return Span(start, start + choices.duration)


def _length(clip: Clip, span: Span) -> Fraction:
    """Seconds of the span in which the clip has frames."""
    end = span.end if clip.seconds is None else min(span.end, clip.seconds)
    return max(Fraction(0), end - span.start)


def _write(
    clip: Clip,
    work: Work,
    true: Clip | None,
    spans: Sequence[tuple[str, Span]],
    target: Path,
    choices: Choices,
    progress: Progress | None,
) -> Made:
    to = layout(clip, choices.height)
    total = round(sum(_length(clip, span) for _, span in spans) * clip.rate)
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, max(total, done))

    excerpts: list[Excerpt] = []
    for name, span in spans:
        with closing(moments(clip, work.derained, true, span)) as shown:
            excerpts.append(
                excerpt(
                    clip,
                    shown,
                    to,
                    name=name,
                    truth=true is not None,
                    max_bytes=(choices.max_bytes - REST) // len(spans),
                    done=advance,
                )
            )
    page = Page(
        title=clip.name,
        subtitle=subtitle(clip, work, excerpts),
        note=note(excerpts),
        facts=tuple(facts(clip, work, true, to, excerpts, choices.max_bytes)),
        figures=figures(true is not None),
        layout=to,
        excerpts=excerpts,
        reference=true is not None,
    )
    content = html(page)
    try:
        write_whole(target, content)
    except OSError as error:
        raise MediaError(
            "target-unwritable", f"{str(target)!r} cannot be written: {error.strerror or error}"
        ) from error
    return Made(target, len(content), done, any(one.full for one in excerpts))
