"""What the page says of itself: files, model, excerpts, codec, versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import vsrrg
from vsrrg.compare.clips import Clip
from vsrrg.compare.excerpt import Excerpt
from vsrrg.compare.panels import Layout
from vsrrg.compare.video import CODEC
from vsrrg.hooks import resolve

if TYPE_CHECKING:
    from vsrrg.engine import Options
    from vsrrg.frames import Derainer


@dataclass(frozen=True, kw_only=True)
class Work:
    """Where the derained frames come from: a file, or the engine with these options."""

    derained: Clip | Derainer
    options: Options | None = None


def clock(time: Fraction) -> str:
    """Seconds as people write times: 0:07.25, 1:02:03.50."""
    seconds, hundredths = divmod(round(time * 100), 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{seconds:02}.{hundredths:02}"


def place(one: Excerpt) -> str:
    """When an excerpt begins and ends."""
    return f"{clock(one.times[0])} to {clock(one.times[-1] + one.step)}"


def subtitle(clip: Clip, work: Work, excerpts: Sequence[Excerpt]) -> str:
    """One line under the title."""
    made = _model(work.options) if work.options is not None else _file(work)
    shown = place(excerpts[0]) if len(excerpts) == 1 else f"{len(excerpts)} excerpts"
    return " · ".join((made, _kind(clip), shown))


def note(excerpts: Sequence[Excerpt]) -> str:
    """Says where nothing was removed, which cannot be seen, and why that may be."""
    same = [one for one in excerpts if not any(one.series["rain"]["removed"])]
    if not same:
        return ""
    if len(same) < len(excerpts):
        return f"Nothing was removed in: {', '.join(one.name for one in same)}."
    alone = all(len(one.times) == 1 for one in same)
    why = " A single picture has no neighbours in time, which tell rain from the scene." if alone else ""
    return f"Nothing was removed: every pixel is as bright as it was.{why}"


def facts(
    clip: Clip, work: Work, true: Clip | None, to: Layout, excerpts: Sequence[Excerpt], max_bytes: int
) -> Iterator[tuple[str, str]]:
    """All that is to be said, as terms and descriptions."""
    yield "Rainy", f"{clip.name}, {_kind(clip)}"
    if work.options is None:
        yield "Derained", f"{_file(work)}, a file: what its encoding changed is among the figures, too"
    else:
        yield "Derained", f"by vsrrg from the file's own frames: {', '.join(_choices(work.options))}"
    if true is not None:
        yield "Reference", f"{true.name}: the scene without rain"
    length = "" if clip.seconds is None else f", of {clock(clip.seconds)}"
    for one in excerpts:
        name = f"{one.name}: " if one.name else ""
        end = f"; ends there because the page is full ({max_bytes / 2**20:.0f} MiB)" if one.full else ""
        yield "Shown", f"{name}{place(one)}{length}, {_frames(len(one.times))}{end}"
    scaled = "" if (to.width, to.height) == _upright(clip) else f", scaled from {_size(clip)}"
    error = max(one.video.error for one in excerpts)
    yield (
        "Pictures",
        f"{to.width}x{to.height}{scaled}; {CODEC}. Coding changed the luma of "
        f"these pictures by {error:.2f} codes (root mean square)"
        + ("; HDR is shown without tone mapping, so it looks flat" if clip.hdr else ""),
    )
    yield (
        "Figures",
        "measured on the frames of the files, before scaling and coding, on luma in codes of 8 bit (black "
        "16, white 235) whatever the depth of the files",
    )
    yield "Made with", _versions(work)


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _upright(clip: Clip) -> tuple[int, int]:
    """Columns and rows as players show them, but for the shape of pixels."""
    return (clip.width, clip.height) if clip.rotation % 2 == 0 else (clip.height, clip.width)


def _size(clip: Clip) -> str:
    columns, rows = _upright(clip)
    return f"{columns}x{rows}"


def _kind(clip: Clip) -> str:
    return f"{_size(clip)}, {float(clip.rate):.6g} fps"


def _file(work: Work) -> str:
    assert isinstance(work.derained, Clip)
    return work.derained.name


def _model(options: Options) -> str:
    strength = "" if options.strength == 1 else f", strength {options.strength:g}"
    return f"model {resolve.find_model(options.model).name}{strength}"


def _choices(options: Options) -> Iterator[str]:
    model = resolve.find_model(options.model)
    version = model.card.get("version")
    yield f"model {model.name}" + (f" (version {version})" if version is not None else "")
    yield f"strength {options.strength:g}"
    yield f"device {options.device or 'automatic'}"
    yield f"precision {options.precision or 'automatic'}"
    if options.backend != "torch":
        yield f"backend {options.backend}"
    if options.lookahead is not None:
        yield f"lookahead {options.lookahead}"
    if not options.scene_cuts:
        yield "no search for scene cuts"
    for one in options.filters:
        yield f"filter {one if isinstance(one, str) else one.name}"


def _versions(work: Work) -> str:
    import av

    made = [f"vsrrg {vsrrg.__version__}", f"PyAV {av.__version__}"]
    if work.options is not None:
        import torch

        made.insert(1, f"torch {torch.__version__}")
    return ", ".join(made)
