"""Filters that break a promise, which the suite for filters must notice, and say how."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from testing_support import broken_promises

from vsrrg.engine import FrameFilter
from vsrrg.errors import OptionError
from vsrrg.hooks import FilterDescriptor
from vsrrg.testing import FilterSuite
from vsrrg.testing.promises import promises


def half(rain: Any, view: Any) -> Any:
    return rain / 2


def good(*, share: str = "0.5") -> FrameFilter:
    """Keeps all promises, with every step."""
    left = float(share)
    if not 0 <= left <= 1:
        raise ValueError(f"share must be in 0..1, not {share}")

    def darker(frame: Any, *view: Any) -> Any:
        return replace(frame, planes=(frame.planes[0] - frame.planes[0] // 8, *frame.planes[1:]))

    return FrameFilter(before=darker, rain=lambda rain, view: rain * left, after=darker)


def made(name: str = "mine", description: str = "half of the rain", **steps: Any) -> FilterDescriptor:
    """A filter of these steps."""
    return FilterDescriptor(name, description, make=lambda *, share="0.5": FrameFilter(**steps))


def described(make: Callable[..., Any], description: str = "half of the rain") -> FilterDescriptor:
    return FilterDescriptor("mine", description, make=make)


def lenient(*, share: str = "0.5") -> FrameFilter:
    return FrameFilter(rain=half)


def crashing(*, share: str = "0.5") -> FrameFilter:
    return FrameFilter(rain=lambda rain, view: {"0.5": rain / 2}[share])


def looking_up(*, share: str = "0.5") -> FrameFilter:
    left = {"0.5": 0.5, "2": 2.0}[share]
    return FrameFilter(rain=lambda rain, view: rain * left)


def wordless(*, share: str = "0.5") -> FrameFilter:
    if share != "0.5":
        raise OptionError("unknown", "")
    return FrameFilter(rain=half)


def scaled_mask(rain: Any, view: Any) -> Any:
    """Takes strength for a number."""
    return rain * (0.5 if view.strength > 0.1 else 1)


def neighbours(rain: Any, view: Any) -> Any:
    """Takes a window for one of five."""
    return rain * 0.5 if len(view.frames[3].planes) else rain


def chroma(frame: Any) -> Any:
    """Takes frames for ones with colours."""
    return replace(frame, planes=(frame.planes[0], frame.planes[1], frame.planes[2]))


def fixed(rain: Any, view: Any) -> Any:
    """Takes frames for those that are wide."""
    layer = rain.clone()
    layer[:, :, 20] = 0
    return layer


def written(rain: Any, view: Any) -> Any:
    return rain.mul_(0.5)


def painted(frame: Any, view: Any) -> Any:
    frame.planes[0][:] = 16
    return frame


class Counting:
    """Another result each time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, rain: Any, view: Any) -> Any:
        self.calls += 1
        return rain / self.calls


class Shared:
    """Keeps the layer in itself, where other threads find it."""

    def __call__(self, rain: Any, view: Any) -> Any:
        self.rain = rain
        time.sleep(0.002)
        return self.rain / 2


def raining(rain: Any, view: Any) -> Any:
    return rain + 0.1


class Mine(FilterSuite):
    parameters = "share=0.5"
    mistakes = ("share=2",)


def verdict(tested: FilterDescriptor, *asked: str) -> dict[str, str]:
    class TestMine(Mine):
        filter = tested

    return broken_promises(TestMine, *asked)


LISTED, MISTAKES = "filter_can_be_listed_and_written", "mistakes_are_told_in_words"
KIND, LEFT = "the_steps_keep_the_kind_of_what_they_are_given", "the_steps_leave_what_they_are_given"
ALONE, NO_RAIN = "results_depend_on_the_arguments_alone", "no_rain_stays_no_rain"
SAMPLES = r"\d+ of \d+ samples of plane \d, most at row \d+, column \d+: \d+ instead of \d+"
NAMED = "filter 'mine' of plugin tested failed in"

CASES = [
    (LISTED, described(good, "half\nor less"), r"the description is 'half\\nor less', not one line"),
    (LISTED, described(lambda share, /: FrameFilter(rain=half)), "make takes 'share' by position"),
    (MISTAKES, described(lenient), "share=2 was taken"),
    (MISTAKES, described(looking_up), "share=2 was taken"),
    (MISTAKES, described(wordless), "the OptionError for share=2 has no words"),
    ("clips_show_the_filter", made(rain=lambda rain, view: rain), "frames are what they are without"),
    (
        KIND,
        made(rain=lambda rain, view: rain[:, 1:]),
        r"1x1 gray8, a window of 1, .* \(6, 0, 1\) on cpu instead",
    ),
    (KIND, made(rain=lambda rain, view: rain / 0), r"returned from rain a layer that is not finite"),
    (KIND, made(rain=scaled_mask), rf"a window of 1, a mask as strength: {NAMED} rain: ValueError"),
    (KIND, made(rain=neighbours), rf"a window of [13], .*: {NAMED} rain: IndexError: tuple index"),
    (KIND, made(before=chroma), rf"1x1 gray8, a window of 1, strength 0\.5: {NAMED} before: IndexError"),
    (KIND, made(rain=fixed), rf"1x1 gray8, a window of 1, strength 0\.5: {NAMED} rain: IndexError: index 20"),
    (KIND, made(after=lambda frame, view: replace(frame, pts=0)), "pts 0, cut None instead of .* pts 10"),
    (LEFT, made(rain=written), r"rain writes to what it is given \(yuv420p8\)"),
    (LEFT, made(after=painted), r"after writes to what it is given \(yuv420p8\)"),
    (ALONE, made(rain=Counting()), f"frames in another order: frame 0 differs: {SAMPLES}"),
    (ALONE, made(rain=Shared()), rf"4 threads: frame \d differs: {SAMPLES}"),
    (NO_RAIN, made(rain=raining), r"yuv420p8: rain makes 4608 of 4608 zeros up to 0\.1"),
]


@pytest.mark.parametrize(("promise", "broken", "how"), CASES, ids=lambda value: "")
def test_a_broken_promise_is_noticed(promise: str, broken: FilterDescriptor, how: str) -> None:
    said = verdict(broken, promise)[promise]
    assert said.startswith("filter 'mine': ")
    assert re.search(how, said), said


def test_values_that_nobody_thought_of_are_tried() -> None:
    class TestMine(FilterSuite):
        filter = described(looking_up)
        parameters = "share=0.5"

    assert "share= raised KeyError: ''" in broken_promises(TestMine, MISTAKES)[MISTAKES]


def test_no_promise_goes_untested() -> None:
    assert {f"test_{promise}" for promise, _, _ in CASES} == set(promises(FilterSuite))


@pytest.mark.parametrize("build", [good, lambda *, share="0.5": replace(good(share=share), after=None)])
def test_what_keeps_its_promises_passes(build: Callable[..., FrameFilter]) -> None:
    assert verdict(described(build)) == {}


def test_a_filter_that_finds_rain_itself_may_say_so() -> None:
    class TestMine(Mine):
        filter = made(rain=raining)
        finds_rain = True

    assert broken_promises(TestMine, NO_RAIN) == {}


def test_frames_are_looked_at_where_there_is_no_rain() -> None:
    def still(rain: Any, view: Any) -> Any:
        same = all(np.array_equal(frame.planes[0], view.source.planes[0]) for frame in view.frames)
        return rain + 0.1 * same

    said = verdict(made(rain=still), NO_RAIN)[NO_RAIN]
    assert re.search(f"a held yuv420p8 picture: frame 0 differs: {SAMPLES}", said)
