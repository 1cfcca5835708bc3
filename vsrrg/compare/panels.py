"""All pictures of a moment in one: two by two, as the page's video carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vsrrg.compare.clips import Clip
from vsrrg.compare.heat import heat
from vsrrg.compare.moments import Moment
from vsrrg.frames.pyav import stored
from vsrrg.video.color import MATRIX_CODES, ColorSpec

if TYPE_CHECKING:
    import av

PANELS = ("rainy", "derained", "heat", "reference")
"""In reading order."""
MARGIN = 8
"""Pixels around a panel that repeat its edge, at least, so that neither codec nor browser mixes panels."""
BLOCK = 16
"""Panels begin where blocks of the codec do."""

type Planes = tuple[NDArray[np.uint8], ...]
"""Y, Cb, Cr in 4:2:0, 8 bit, BT.709, limited range."""


@dataclass(frozen=True)
class Layout:
    """Where the panels lie; both sizes in pixels of the page's video."""

    width: int
    height: int
    """Of a picture, set upright and with square pixels; even."""

    @property
    def cell(self) -> tuple[int, int]:
        """Columns and rows from one panel to the next."""
        width, height = (-(-(size + 2 * MARGIN) // BLOCK) * BLOCK for size in (self.width, self.height))
        return width, height


def layout(clip: Clip, height: int) -> Layout:
    """That of a clip's pictures, no more than `height` rows high and never enlarged."""
    one = Fraction(1)
    size = (clip.width * max(clip.aspect, one), clip.height / min(clip.aspect, one))
    columns, rows = size if clip.rotation % 2 == 0 else size[::-1]
    scale = min(one, height / rows)
    return Layout(*(max(2, round(length * scale / 2) * 2) for length in (columns, rows)))


def stacked(moment: Moment, clip: Clip, to: Layout) -> tuple[Planes, dict[str, NDArray[np.uint8]]]:
    """One picture with all panels, and the luma of each panel; a missing reference is black."""
    seen = {"rainy": moment.rainy, "derained": moment.derained, "reference": moment.reference}
    shown = {name: picture(frame, clip, to) for name, frame in seen.items() if frame is not None}
    shown["heat"] = heat(shown["rainy"][0], shown["derained"][0])
    rows, columns = shown["heat"][0].shape
    black = np.full((rows, columns), 16, np.uint8), *[np.full((rows // 2, columns // 2), 128, np.uint8)] * 2
    panels = [shown.get(name, black) for name in PANELS]
    planes = tuple(_joined([panel[i] for panel in panels], to, 2 if i else 1) for i in range(3))
    return planes, {name: planes[0] for name, planes in shown.items()}


def picture(frame: av.VideoFrame, clip: Clip, to: Layout) -> Planes:
    """A frame as the page shows it."""
    one = stored(frame)
    width, height = (to.width, to.height) if clip.rotation % 2 == 0 else (to.height, to.width)
    scaled = frame.reformat(
        width=width,
        height=height,
        format="yuv420p",
        src_colorspace=_sws(one.color),
        dst_colorspace=MATRIX_CODES["bt709"],
        src_color_range=2 if one.color.range == "full" else 1,
        dst_color_range=1,
        interpolation="LANCZOS",
    )
    return tuple(np.rot90(_plane(scaled, i), clip.rotation) for i in range(3))


def _sws(color: ColorSpec) -> int:
    """The number of a matrix in swscale, which knows most by their code in H.273."""
    code = MATRIX_CODES["bt2020nc" if color.matrix == "bt2020c" else color.matrix]
    return code if code in (1, 4, 5, 6, 7, 9) else MATRIX_CODES["bt709"]


def _plane(frame: av.VideoFrame, i: int) -> NDArray[np.uint8]:
    plane = frame.planes[i]
    rows: NDArray[np.uint8] = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _joined(panels: Sequence[NDArray[Any]], to: Layout, sub: int) -> NDArray[np.uint8]:
    """Four panels of one plane, each continued by its edge to the size of a cell."""
    width, height = (length // sub for length in to.cell)
    before = MARGIN // sub
    rows, columns = panels[0].shape
    pads = ((before, height - rows - before), (before, width - columns - before))
    cells = [np.pad(panel, pads, "edge") for panel in panels]
    return np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])])
