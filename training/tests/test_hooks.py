"""The examples of the hook specifications and of the README: each is a plugin that works."""

import importlib.util
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import EntryPoint
from pathlib import Path

import cv2
import numpy as np
import pluggy
import pytest
import torch

from vsrrg.hooks.manager import PluginManager, standing_in
from vsrrg_training import hooks, rain
from vsrrg_training.datasets.find import clean_clips, paired_clips
from vsrrg_training.datasets.registry import data_sets
from vsrrg_training.evaluation.metric import measured
from vsrrg_training.evaluation.registry import chosen

README = Path(__file__).parents[1] / "README.md"

type Load = Callable[[str], None]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Makes the text a module and installs it as the only plugin."""
    stack = ExitStack()

    def installed(text: str) -> None:
        path = tmp_path / "vsrrg_example.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("vsrrg_example", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setitem(sys.modules, "vsrrg_example", module)
        manager = PluginManager([EntryPoint("example", "vsrrg_example", "vsrrg")])
        assert "example" in manager.active(), manager.states[-1].reason
        stack.enter_context(standing_in(manager))

    with stack:
        yield installed


def guides() -> dict[str, str]:
    """The docstring of every hook."""
    manager = pluggy.PluginManager("vsrrg")
    manager.add_hookspecs(hooks)
    callers = [caller for caller in vars(manager.hook).values() if isinstance(caller, pluggy.HookCaller)]
    return {caller.name: inspect.getdoc(caller.spec.function) or "" for caller in callers if caller.spec}


def example(hook: str) -> str:
    """The code in the docstring of a hook."""
    found = re.search(r"::\n\n((?: {4}.*\n|\n)+)", guides()[hook] + "\n")
    assert found
    return textwrap.dedent(found[1])


def falls(name: str) -> float:
    """How much a kind of rain changes a grey clip, in 0..1."""
    clip = rain.make_rainy(torch.full((2, 3, 48, 64), 0.3), name, torch.Generator().manual_seed(0))
    return float((clip.rainy - clip.clean).abs().max())


def lay_out(folder: Path) -> None:
    for half, code in (("rainy", 120), ("clean", 90)):
        (folder / half / "walk").mkdir(parents=True)
        for number in range(3):
            picture = np.full((16, 24, 3), code, np.uint8)
            assert cv2.imwrite(str(folder / half / "walk" / f"{number}.png"), picture)


def figures(code: int) -> dict[str, float]:
    """What the added metrics say of a flat clip that is `code` where it should be 100."""
    restored, rainy, clean = ([np.full((8, 8), value, np.uint8)] * 3 for value in (code, 130, 100))
    return measured(chosen([]), "flat", restored, rainy, clean)


def test_every_hook_has_a_guide_a_typed_result_and_a_place_in_the_readme() -> None:
    found = guides()
    assert set(found) == {"vsrrg_rain_types", "vsrrg_datasets", "vsrrg_metrics"}
    for name, text in found.items():
        specified = getattr(hooks, name)
        assert str(inspect.signature(specified).return_annotation).startswith("list[")
        assert "::\n" in text and f"| `{name}` |" in README.read_text()


def test_the_example_of_rain_falls(load: Load) -> None:
    load(example("vsrrg_rain_types"))
    assert rain.RAIN_TYPES[-1] == "hail" and falls("hail") > 0.05


def test_the_example_of_a_data_set_gives_its_pairs(load: Load, tmp_path: Path) -> None:
    load(example("vsrrg_datasets"))
    lay_out(tmp_path / "courtyard")
    assert [clip.name for clip in paired_clips(Path("courtyard"))] == ["walk"]
    assert list(clean_clips(Path("courtyard"))) == ["walk"]


def test_the_example_of_a_metric_measures(load: Load) -> None:
    load(example("vsrrg_metrics"))
    assert figures(93) == {"worst-frame": 7}


def test_the_plugin_of_the_readme_adds_all_three(load: Load, tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    load(text)
    lay_out(tmp_path / "garden")
    assert falls("hose") > 0.05
    assert [clip.name for clip in paired_clips(Path("garden"))] == ["walk"]
    assert data_sets()["garden"].plugin == "example"
    assert (figures(93), figures(104)) == ({"overshoot": 1}, {"overshoot": 0})
