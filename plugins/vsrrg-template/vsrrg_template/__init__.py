"""A filter that leaves a rectangle of the picture as it is, such as a logo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from vsrrg.hooks import FilterDescriptor, hookimpl

if TYPE_CHECKING:
    from vsrrg.engine import FrameFilter

vsrrg_api = 1


def protect(*, x: str = "0", y: str = "0", width: str, height: str) -> FrameFilter:
    """The filter for one clip, from what users write: the rectangle in pixels, its corner first.

    Raises:
        ValueError: something is no whole number, or too small; told to users.
    """
    left, top = _number("x", x, least=0), _number("y", y, least=0)
    right, bottom = left + _number("width", width, least=1), top + _number("height", height, least=1)

    from vsrrg.engine import FrameFilter
    from vsrrg_template.rectangle import without_rain

    return FrameFilter(rain=partial(without_rain, left, top, right, bottom))


@hookimpl
def vsrrg_filters() -> list[FilterDescriptor]:
    """Adds the filter ``protect``."""
    return [FilterDescriptor("protect", "leaves a rectangle as it is: x, y, width, height", make=protect)]


def _number(name: str, text: str, *, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise ValueError(f"{name} must be a whole number of pixels from {least} up, not {text!r}")
    return int(text)
