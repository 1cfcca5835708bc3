"""The filter keeps the promises of a filter, and does what it is there for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import vsrrg_template

from vsrrg.engine import Options
from vsrrg.hooks.resolve import create_derainer
from vsrrg.testing import FilterSuite, PluginSuite
from vsrrg.testing.clips import footage
from vsrrg.testing.strategies import ALL_FORMATS
from vsrrg.video import PixelFormat

LEFT, TOP, WIDTH, HEIGHT = 9, 5, 21, 17
RECTANGLE = f"x={LEFT},y={TOP},width={WIDTH},height={HEIGHT}"


class TestPlugin(PluginSuite):
    plugin = "vsrrg_template"


class TestFilter(FilterSuite):
    filter = vsrrg_template.vsrrg_filters()[0]
    parameters = RECTANGLE
    mistakes = ("x=-1", "width=0", "height=12.5", "y=top")


def samples(start: int, length: int, sub: int, cell: int) -> slice:
    """The samples of a plane that show pixels of the cells with these pixels; `sub` as in `PixelFormat`."""
    return slice(start // cell * cell >> sub, -(-(start + length) // cell) * cell >> sub)


@pytest.mark.parametrize(
    "fmt", [fmt for fmt in ALL_FORMATS if fmt.bits in (8, 32)], ids=lambda fmt: str(fmt.name)
)
def test_the_rectangle_stays_and_the_rest_is_derained(
    fmt: PixelFormat, isolated_plugins: Callable[..., None]
) -> None:
    isolated_plugins(vsrrg_template)
    clip = footage(5, 64, 48, fmt)
    bare = create_derainer(Options(model="fast", device="cpu"))
    protecting = create_derainer(Options(model="fast", device="cpu", filters=(f"protect:{RECTANGLE}",)))

    derained = 0
    for source, clean, kept in zip(clip, bare.stream(clip), protecting.stream(clip), strict=True):
        for i in range(fmt.planes):
            sub_w, sub_h = (fmt.sub_w, fmt.sub_h) if i else (0, 0)
            inside = samples(TOP, HEIGHT, sub_h, 1 << sub_h), samples(LEFT, WIDTH, sub_w, 1 << sub_w)
            assert kept.planes[i][inside].tobytes() == source.planes[i][inside].tobytes()
            derained += np.count_nonzero(clean.planes[i][inside] != source.planes[i][inside])
            # Chroma is found in cells of two pixels, which may reach over the edge.
            cell = 1 if fmt.family != "rgb" and i == 0 else 2
            outside = np.ones(kept.planes[i].shape, bool)
            outside[
                samples(TOP, HEIGHT, sub_h, max(cell, 1 << sub_h)),
                samples(LEFT, WIDTH, sub_w, max(cell, 1 << sub_w)),
            ] = False
            assert np.array_equal(kept.planes[i][outside], clean.planes[i][outside])
    assert derained
