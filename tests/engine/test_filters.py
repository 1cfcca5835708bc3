"""What a filter is, before any frame comes."""

import pytest
from engine_support import clip

from vsrrg.engine import FrameFilter, Options, View
from vsrrg.errors import OptionError

HALF = FrameFilter(rain=lambda layer, view: layer / 2)


def test_a_filter_needs_a_step():
    with pytest.raises(OptionError, match="snow does nothing: give it a function before, rain or after"):
        FrameFilter(name="snow")
    with pytest.raises(OptionError, match=r"rain of a filter must be a function, not 0\.5"):
        FrameFilter(rain=0.5)


def test_options_hold_names_and_filters_in_order():
    assert Options().filters == ()
    assert Options(filters=["mask:x=1", HALF, "mask"]).filters == ("mask:x=1", HALF, "mask")


@pytest.mark.parametrize("filters", ["mask", [3], None, [HALF.rain], {"mask": "x"}])
def test_anything_else_is_refused(filters):
    with pytest.raises(OptionError, match=r"filters must be a list of names, such as \['NAME:key=value'\]"):
        Options(filters=filters)


def test_a_view_knows_its_format():
    frame = clip([0])[0]
    assert View(source=frame, frames=(frame,), strength=1.0).format is frame.format
