"""The page: one HTML file that needs nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vsrrg.compare.excerpt import Excerpt
from vsrrg.compare.figures import Figure
from vsrrg.compare.heat import FULL, RAMP
from vsrrg.compare.panels import MARGIN, PANELS, Layout

if TYPE_CHECKING:
    from jinja2 import Template

PARTS = Path(__file__).parent / "page"
"""The template, and script and style as `web/` builds them."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that a page says and shows."""

    title: str
    subtitle: str
    note: str
    """What is to be known before one looks; "" where there is nothing."""
    facts: Sequence[tuple[str, str]]
    """What the page shows and how it was made: terms and what there is to say."""
    figures: Sequence[Figure]
    layout: Layout
    excerpts: Sequence[Excerpt]
    reference: bool
    """Whether there are true frames."""


def html(page: Page) -> bytes:
    """The file. Whatever its texts hold is text in it, never markup."""
    text = _template().render(
        page=page,
        data=_data(page),
        frames=max(len(one.times) for one in page.excerpts),
        excerpts=[(i, one.name) for i, one in enumerate(page.excerpts)],
        videos=[b64encode(one.video.data).decode() for one in page.excerpts],
        script=(PARTS / "page.js").read_text(encoding="utf-8"),
        style=(PARTS / "page.css").read_text(encoding="utf-8"),
        ramp=", ".join(f"rgb({red} {green} {blue})" for red, green, blue in RAMP),
        full=FULL,
    )
    return text.encode(errors="replace")  # Names of files need not be text.


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _data(page: Page) -> dict[str, Any]:
    """What the script reads; `web/src/data.ts` has the same names."""
    return {
        "size": [page.layout.width, page.layout.height],
        "cell": page.layout.cell,
        "inset": MARGIN,
        "panels": [name for name in PANELS if page.reference or name != "reference"],
        "charts": [
            {
                "key": one.key,
                "title": one.title,
                "unit": one.unit,
                "digits": one.digits,
                "lines": one.lines,
            }
            for one in page.figures
        ],
        "excerpts": [
            {
                "times": [round(float(time), 6) for time in one.times],
                "step": float(one.step),
                "series": one.series,
                "cuts": one.cuts,
            }
            for one in page.excerpts
        ],
    }
