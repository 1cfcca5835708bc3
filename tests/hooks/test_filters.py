"""Filters of plugins: found by name, made with what users write, in their order."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from tests.hooks.conftest import Install
from tests.hooks.hooks_support import plugin
from vsrrg.engine import FrameFilter, Options
from vsrrg.errors import ModelError, OptionError, PluginError
from vsrrg.hooks import FilterDescriptor
from vsrrg.hooks.filters import filters, make_filters, parameters
from vsrrg.hooks.resolve import create_derainer
from vsrrg.models import ModelDescriptor
from vsrrg.video import ColorSpec, Frame, PixelFormat

GRAY = PixelFormat("gray", 8)
FRAME = Frame((np.full((6, 8), 116, np.uint8),), GRAY, ColorSpec.guess(GRAY, 8, 6))


class Dimmer(torch.nn.Module):
    """Rain is a fifth of everything: 20 of 100 above black."""

    def encode(self, packed: torch.Tensor) -> torch.Tensor:
        return packed.clone()

    def fuse(self, window: list[torch.Tensor]) -> torch.Tensor:
        return window[0] / 5


MODEL = ModelDescriptor(name="dimmer", description="x", radius=0, multiple=1, halo=0, load=Dimmer)


def plus(by: str, *, times: str = "1") -> FrameFilter:
    number = int(by) / 219 * int(times)
    return FrameFilter(rain=lambda layer, view: layer + number)


def halve() -> FrameFilter:
    return FrameFilter(name="mine", rain=lambda layer, view: layer / 2)


PLUS = FilterDescriptor("plus", "more rain", make=plus)
HALVE = FilterDescriptor("halve", "less rain", make=halve)
SNOW = plugin(vsrrg_filters=lambda: [PLUS, HALVE], vsrrg_models=lambda: [MODEL])


def derained(*filters: str | FrameFilter) -> int:
    """What becomes of 116."""
    options = Options(model="dimmer", device="cpu", filters=filters, scene_cuts=False)
    (clean,) = create_derainer(options).stream([FRAME])
    (value,) = np.unique(clean.planes[0])
    return int(value)


def test_filters_are_made_with_their_parameters_and_work_in_order(install: Install) -> None:
    install(snow=SNOW)
    assert derained() == 96
    assert derained("plus:by=4") == 92
    assert derained("plus:by=4,times=3") == 84
    assert derained("plus:by=4", "halve") == 104
    assert derained("halve", "plus:by=4") == 102
    assert derained("halve", "halve", halve()) == 114  # 2.5 rounds half to even
    assert [offer.item.name for offer in filters()] == ["plus", "halve"]
    assert [one.name for one in parameters(PLUS)] == ["by", "times"]


def test_messages_name_filter_and_plugin(install: Install) -> None:
    install(snow=SNOW)
    plus, mine = make_filters(["plus:by=1", halve()])
    assert (plus.name, mine.name) == ("filter 'plus' of plugin snow", "mine")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("plis", "there is no filter named 'plis': choose one of plus, halve"),
        ("", "there is no filter named ''"),
        ("plus", r"filter 'plus' needs by: write plus:by=\.\.\."),
        ("plus:times=2", "filter 'plus' needs by"),
        ("plus:by=1,to=2", "filter 'plus' has no parameter 'to': it has by, times"),
        ("halve:by=1", "filter 'halve' has no parameter 'by': it has none"),
        ("plus:by=1,by=2", "filter 'plus:by=1,by=2' has by twice"),
        ("plus:by", "'by' in filter 'plus:by' is no parameter: write NAME:key=value,key=value"),
        ("plus:by=1,", "'' in filter 'plus:by=1,' is no parameter"),
        ("plus:=1", "'=1' in filter 'plus:=1' is no parameter"),
        ("plus:by=x", "filter 'plus:by=x' has a value that is not allowed: invalid literal for int"),
    ],
)
def test_mistakes_are_told_before_anything_is_loaded(install: Install, asked: str, message: str) -> None:
    install(snow=SNOW)
    with pytest.raises(OptionError, match=message):
        create_derainer(Options(model="no such model", filters=(asked,)))


def test_without_any_filter_there_is_nothing_to_choose_from(install: Install) -> None:
    install()
    with pytest.raises(OptionError, match="no filter named 'plus': no plugin offers any"):
        make_filters(["plus:by=1"])


def test_a_name_that_two_plugins_offer_is_refused(install: Install) -> None:
    install(snow=SNOW, ice=plugin(vsrrg_filters=lambda: [HALVE]))
    with pytest.raises(PluginError, match=r"several plugins offer a filter named 'halve' \(ice, snow\)"):
        make_filters(["halve"])
    assert make_filters(["plus:by=1"])


def fails(error: Exception, **given: str) -> FrameFilter:
    raise error


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            partial(fails, KeyError("x")),
            PluginError,
            "^filter 'bad' of plugin snow failed in make: KeyError: 'x'",
        ),
        (
            partial(fails, ValueError("x is 1")),
            OptionError,
            "filter 'bad' has a value .* not allowed: x is 1",
        ),
        (partial(fails, ModelError("missing-weights", "no weights")), ModelError, "^no weights$"),
        (lambda: 3, PluginError, "filter 'bad' of plugin snow returned from make a int instead of a Frame"),
    ],
)
def test_a_maker_that_fails_is_named(
    install: Install, make: Any, error: type[Exception], message: str
) -> None:
    install(snow=plugin(vsrrg_filters=lambda: [FilterDescriptor("bad", "x", make=make)]))
    with pytest.raises(error, match=message):
        make_filters(["bad"])


def test_any_parameters_may_be_taken(install: Install) -> None:
    taken = []

    def anything(**given: str) -> FrameFilter:
        taken.append(given)
        return halve()

    install(snow=plugin(vsrrg_filters=lambda: [FilterDescriptor("any", "x", make=anything)]))
    make_filters(["any:path=C:/a=b,x=", "any"])
    assert taken == [{"path": "C:/a=b", "x": ""}, {}]


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a,b", "ä="])
def test_names_that_nobody_could_write_are_refused(install: Install, name: str) -> None:
    install(snow=plugin(vsrrg_filters=lambda: [FilterDescriptor(name, "x", make=halve)]))
    with pytest.raises(PluginError, match=r"plugin snow failed in vsrrg_filters: a filter cannot be named"):
        filters()


def test_a_trace_shows_every_step(
    install: Install, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install(snow=SNOW)
    monkeypatch.setenv("VSRRG_TRACE", "1")
    with caplog.at_level(logging.DEBUG, "vsrrg.trace"):
        assert derained("halve") == 106
    calls = [record.getMessage().rpartition(",")[0] for record in caplog.records]
    assert calls.count("plugin snow, make of filter halve: done") == 1
    assert calls.count("plugin snow, rain of filter halve: done") == 1
