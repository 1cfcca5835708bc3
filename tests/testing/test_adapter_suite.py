"""Adapters that break a promise, which the suite for adapters must notice, and say how."""

from __future__ import annotations

import inspect
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from testing_support import broken_promises

import vsrrg
from vsrrg.errors import OptionError, VsrrgError
from vsrrg.hooks import HostAdapter
from vsrrg.testing import AdapterSuite
from vsrrg.testing.adapters import CHOICES, MISTAKES, PLAIN
from vsrrg.testing.clips import cut_clip
from vsrrg.testing.frames import same_bits
from vsrrg.testing.promises import promises
from vsrrg.video import Frame

HOST = "colorsys"
"""Stands for the module of a host: one that nothing else needs."""


@dataclass
class Roll:
    """The host's kind of video."""

    frames: list[Frame]
    turned: bool = False
    """Whether frames are counted from the end when they are asked for by number."""


def is_roll(thing: object) -> bool:
    return isinstance(thing, Roll)


def derain(roll: Roll, **options: Any) -> Roll:
    """Keeps what it promises, whichever options a faulty adapter has left."""
    from vsrrg.engine import Options
    from vsrrg.hooks.resolve import create_derainer

    return replace(roll, frames=list(create_derainer(Options(**options)).stream(roll.frames)))


def good(
    source: Roll,
    *,
    strength: Any = 1.0,
    model: Any = "general",
    backend: Any = "torch",
    device: Any = None,
    precision: Any = None,
    max_memory: Any = None,
    output: Any = "clean",
    lookahead: Any = None,
    scene_cuts: Any = True,
    filters: Any = (),
) -> Roll:
    options = {name: value for name, value in locals().items() if name != "source"}
    return derain(source, **options)


def importing(thing: object) -> bool:
    import colorsys

    return bool(colorsys) and is_roll(thing)


def slow(thing: object) -> bool:
    time.sleep(0.02)
    return is_roll(thing)


def loaded(thing: object) -> bool:
    return HOST not in sys.modules or is_roll(thing)


def narrow(source: Roll, *, strength: Any, model: Any, **_: Any) -> Roll:
    raise AssertionError("not asked")


narrow.__signature__ = inspect.signature(lambda source, *, strength, model, num_streams=1: None)  # type: ignore[attr-defined]


def shortened(source: Roll, **options: Any) -> Roll:
    return Roll(derain(source, **options).frames[:-1])


def listed(source: Roll, **options: Any) -> list[Frame]:
    return derain(source, **options).frames


def grayed(source: Roll, **options: Any) -> Roll:
    clean = derain(source, **options).frames
    gray = replace(clean[0].format, family="gray", sub_w=0, sub_h=0)
    return Roll([replace(frame, planes=frame.planes[:1], format=gray) for frame in clean])


def rounded(source: Roll, **options: Any) -> Roll:
    clean = derain(source, **options).frames
    return Roll([replace(frame, planes=tuple(plane & 0xFE for plane in frame.planes)) for frame in clean])


def deaf(source: Roll, *, scene_cuts: bool = True, **options: Any) -> Roll:
    return derain(source, **options)


def clamped(source: Roll, **options: Any) -> Roll:
    clean = derain(source, **options).frames
    return Roll(
        [replace(frame, planes=tuple(np.clip(plane, 16, 235) for plane in frame.planes)) for frame in clean]
    )


def turned(source: Roll, **options: Any) -> Roll:
    return replace(derain(source, **options), turned=True)


def typed(source: Roll, **options: Any) -> Roll:
    if not isinstance(options.get("strength", 1), float | int):
        raise TypeError("not a number")
    return derain(source, **options)


def wordless(source: Roll, **options: Any) -> Roll:
    try:
        return derain(source, **options)
    except VsrrgError:
        raise OptionError("unknown", "") from None


def careless(source: Roll, *, no_such_option: int = 0, **options: Any) -> Roll:
    return derain(source, **options)


def adapter(derain: Callable[..., object] = good, accepts: Callable[[object], bool] = is_roll) -> HostAdapter:
    return HostAdapter(name="roll", description="rolls", accepts=accepts, derain=derain)


class RollSuite(AdapterSuite):
    host = HOST

    def source(self, frames: list[Frame]) -> Any:
        return Roll(frames)

    def frames(self, video: Any) -> list[Frame]:
        return video.frames if isinstance(video, Roll) else list(video)

    def frame(self, video: Any, n: int) -> Frame:
        frame: Frame = video.frames[-1 - n if video.turned else n]
        return frame


def verdict(tested: HostAdapter, *asked: str) -> dict[str, str]:
    class TestRoll(RollSuite):
        adapter = tested

    return broken_promises(TestRoll, *asked)


ACCEPTS, IMPORTS = "accepts_says_what_is_a_video", "accepts_does_not_import_the_host"
LIGHT, TAKES = "the_plugin_imports_nothing_heavy", "derain_takes_every_option"
ENGINE, OPTIONS = "frames_are_those_of_the_engine", "options_do_what_they_do_in_the_engine"
MISTAKEN = "mistakes_are_told_in_words"
SAMPLES = r"\d+ of \d+ samples of plane \d, most at row \d+, column \d+: \d+ instead of \d+"

CASES = [
    (ACCEPTS, adapter(accepts=lambda thing: True), "accepts says True of a NoneType, not False"),
    (ACCEPTS, adapter(accepts=lambda thing: 1), "accepts says 1 of a Roll, not True"),
    (ACCEPTS, adapter(accepts=slow), r"accepts took 0\.02\d* s for a Roll; 0\.01 s is cheap"),
    (IMPORTS, adapter(accepts=importing), "accepts imports colorsys"),
    (IMPORTS, adapter(accepts=loaded), "accepts says True where colorsys is not imported"),
    (
        TAKES,
        adapter(narrow),
        "derain has no option backend, device, precision, max_memory, output, lookahead",
    ),
    (ENGINE, adapter(shortened), "yuv420p8 beside the engine's: 7 frames came out instead of 8"),
    (
        ENGINE,
        adapter(listed),
        "returned from derain of adapter 'roll' a list, which is no video that it accepts",
    ),
    (ENGINE, adapter(grayed), "frame 0 is 64x48 gray8 .* instead of 64x48 yuv420p8"),
    (ENGINE, adapter(rounded), f"yuv420p8 beside the engine's: frame 0 differs: {SAMPLES}"),
    (OPTIONS, adapter(deaf), f"with scene_cuts=False, beside the engine's: frame 2 differs: {SAMPLES}"),
    ("strength_0_is_the_identity", adapter(clamped), f"yuv420p8 with strength 0: frame 0 differs: {SAMPLES}"),
    ("any_order_gives_the_same_bits", adapter(turned), f"frames in any order: frame 0 differs: {SAMPLES}"),
    (MISTAKEN, adapter(typed), "strength='much' raised TypeError instead of VsrrgError: not a number"),
    (MISTAKEN, adapter(wordless), "the OptionError for strength='much' has no words"),
    (MISTAKEN, adapter(careless), "no_such_option=1 was taken"),
]


@pytest.mark.parametrize(("promise", "broken", "how"), CASES, ids=lambda value: "")
def test_a_broken_promise_is_noticed(promise: str, broken: HostAdapter, how: str) -> None:
    said = verdict(broken, promise)[promise]
    assert said.startswith("adapter 'roll': ")
    assert re.search(how, said), said


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import colorsys, sys; sys.modules['torch'] = sys", "importing snow_plugin imports colorsys, torch"),
        (
            "import no_such_module",
            "snow_plugin cannot be imported alone: ModuleNotFoundError: No module named",
        ),
    ],
)
def test_a_plugin_with_heavy_imports_is_noticed(
    code: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "snow_plugin.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(is_roll, "__module__", "snow_plugin")
    assert re.search(how, verdict(adapter(), LIGHT)[LIGHT])


def test_no_promise_goes_untested() -> None:
    assert {f"test_{promise}" for promise in (LIGHT, *(case[0] for case in CASES))} == set(
        promises(AdapterSuite)
    )


def test_what_keeps_its_promises_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(is_roll, "__module__", "vsrrg")
    assert verdict(adapter()) == {}


def test_a_host_without_random_access_is_not_asked_for_it() -> None:
    class TestRoll(RollSuite):
        adapter = adapter(turned)
        frame = AdapterSuite.frame

    assert broken_promises(TestRoll, "any_order_gives_the_same_bits") == {}


def test_a_suite_that_loses_frames_itself_is_told_so() -> None:
    class TestRoll(RollSuite):
        adapter = adapter()

        def source(self, frames: list[Frame]) -> Any:
            return Roll(frames[1:])

    said = broken_promises(TestRoll, ENGINE)[ENGINE]
    assert "yuv420p8 as frames() reads it from source(): 7 frames came out instead of 8" in said


def test_all_options_are_chosen_and_mistaken_and_each_shows() -> None:
    options = {
        name
        for name, parameter in inspect.signature(vsrrg.derain).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert set(CHOICES) == options
    assert set(MISTAKES) == options - {"scene_cuts"}

    class TestRoll(RollSuite):
        adapter = adapter()

    clip, suite = cut_clip(8), TestRoll()
    chosen = suite._engine(clip, **CHOICES)
    for name in options - {*PLAIN, "backend", "max_memory"}:
        rest = {other: value for other, value in CHOICES.items() if other != name}
        assert not same_bits(suite._engine(clip, **rest), chosen), name
        assert not same_bits(suite._engine(clip, **{name: CHOICES[name]}), suite._engine(clip)), name
