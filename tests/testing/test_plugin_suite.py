"""Plugins that break a promise, which the suite for plugins must notice, and say how."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from testing_support import broken_promises

from vsrrg.testing import PluginSuite
from vsrrg.testing.promises import promises

GOOD = """
from vsrrg.hooks import HostAdapter, hookimpl
from vsrrg.models import ModelDescriptor

vsrrg_api = 1
made = []

def model(name):
    return ModelDescriptor(name=name, description="", radius=0, multiple=1, halo=0, load=object)

@hookimpl
def vsrrg_models():
    return [model("snow")]
"""
LOADED, LIGHT = "vsrrg_loads_it", "importing_it_imports_nothing_heavy"
LISTS, NAMES = "hooks_return_lists", "names_are_its_own"
CODES = "codes_have_pages"
COLD = """
from pathlib import Path
from vsrrg.hooks import ErrorDescriptor

@hookimpl
def vsrrg_errors():
    return [ErrorDescriptor("snow-too-cold", "It is too cold.", Path(__file__).with_name("cold.md"))]
"""

MEASURE = """
@hookimpl(optionalhook=True)
def vsrrg_metrics():
    return {}
"""

CASES = [
    (LOADED, GOOD.replace("vsrrg_api = 1", ""), "it would be skipped: it does not state the version"),
    (LOADED, GOOD.replace("_models", "_moddels"), "it would be skipped: .*unknown hook 'vsrrg_moddels'"),
    (LOADED, "import libsnow", "it would be skipped: ModuleNotFoundError: No module named 'libsnow'"),
    (LIGHT, GOOD + "import colorsys", "importing snow_plugin imports colorsys"),
    (LIGHT, "import libsnow", "snow_plugin cannot be imported alone: ModuleNotFoundError: No module named"),
    (
        LISTS,
        GOOD.replace('[model("snow")]', 'model("snow")'),
        "from vsrrg_models something other than a list",
    ),
    (LISTS, GOOD.replace('[model("snow")]', "[1 / 0]"), "failed in vsrrg_models: ZeroDivisionError"),
    (
        LISTS,
        GOOD.replace("return [", "made.append(0)\n    return len(made) * ["),
        "another length the second",
    ),
    (LOADED, GOOD + "def vsrrg_filters(): return []", "it would be skipped: its vsrrg_filters is not marked"),
    (LISTS, GOOD + MEASURE.format("{}"), "from vsrrg_metrics something other than a list;"),
    (LISTS, GOOD + MEASURE.format("[1 / 0]"), "failed in vsrrg_metrics: ZeroDivisionError"),
    (NAMES, GOOD.replace('"snow"', '"general"'), "vsrrg_models: the name 'general' is taken"),
    (NAMES, GOOD.replace('[model("snow")]', '2 * [model("snow")]'), "vsrrg_models: the name 'snow' is taken"),
    (CODES, GOOD + COLD.replace("cold.md", "gone.md"), "the page of snow-too-cold cannot be read: .*gone.md"),
    (
        CODES,
        GOOD + COLD.replace("too cold.", "freezing."),
        "begins with other words than its code and its line",
    ),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "snow_plugin", raising=False)


def verdict(code: str, folder: Path, *asked: str) -> dict[str, str]:
    (folder / "snow_plugin.py").write_text(code)
    (folder / "cold.md").write_text("# snow-too-cold\n\nIt is too cold.\n\nMore of it.\n")

    class TestSnow(PluginSuite):
        plugin = "snow_plugin"
        heavy = ("colorsys",)

    try:
        return broken_promises(TestSnow, *asked)
    finally:
        sys.modules.pop("snow_plugin", None)


@pytest.mark.parametrize(("promise", "broken", "how"), CASES, ids=lambda value: "")
def test_a_broken_promise_is_noticed(promise: str, broken: str, how: str, tmp_path: Path) -> None:
    said = verdict(broken, tmp_path, promise)[promise]
    assert said.startswith("plugin snow_plugin: ")
    assert re.search(how, said), said


def test_no_promise_goes_untested() -> None:
    assert {f"test_{promise}" for promise, _, _ in CASES} == set(promises(PluginSuite))


def test_what_keeps_its_promises_passes(tmp_path: Path) -> None:
    absent = MEASURE.format("__import__('libsnow').METRICS")
    assert verdict(GOOD + COLD + absent, tmp_path) == {}


def test_every_hook_has_its_kind() -> None:
    from vsrrg.hooks import spec
    from vsrrg.testing.plugins import ITEMS

    assert set(ITEMS) == {name for name in vars(spec) if name.startswith("vsrrg_")}
