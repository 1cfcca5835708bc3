"""What all suites have in common: every test is a promise that is written down, and a failure says where."""

from __future__ import annotations

import subprocess
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

import vsrrg.testing
from vsrrg.testing.promises import Suite, promises, stated

SUITES = [
    suite
    for name in vsrrg.testing.__all__
    if isinstance(suite := getattr(vsrrg.testing, name), type) and issubclass(suite, Suite)
]
pytest_plugins = ["pytester"]

PLUGIN = """
from vsrrg.models import ModelDescriptor

def load():
    import torch

    class Brightest(torch.nn.Module):
        def encode(self, packed):
            return packed.clone()

        def fuse(self, window):
            return window[0].mul_(0.5)

        def forward(self, window):
            return self.fuse(window.unbind(1))

    return Brightest().eval()

SNOW = ModelDescriptor(name="snow", description="no snow", radius=0, multiple=1, halo=0, load=load)
"""
TESTS = """
from snow import SNOW

from vsrrg.hooks.manager import get_manager
from vsrrg.hooks.resolve import find_model
from vsrrg.testing import ModelSuite, plugin_of

class TestSnow(ModelSuite):
    model = SNOW

def test_by_name(isolated_plugins):
    isolated_plugins(plugin_of(vsrrg_models=[SNOW]))
    assert find_model("snow") is SNOW

def test_only(only_plugins):
    only_plugins()
    assert all(name.startswith("vsrrg.") for name in get_manager().active())
"""


@pytest.mark.parametrize("suite", SUITES)
def test_every_test_of_a_suite_states_its_promise(suite: type[Suite]) -> None:
    tests = [name for name in dir(suite) if name.startswith("test")]
    assert set(promises(suite)) == set(tests) and tests
    for test in promises(suite).values():
        assert stated(test).removeprefix("Promised: ").endswith("."), test
        assert suite.__doc__ and "class Test" in suite.__doc__


@pytest.mark.parametrize("suite", SUITES)
def test_every_promise_names_what_is_documented(suite: type[Suite]) -> None:
    for documented in {test.documented for test in promises(suite).values()}:
        parts = documented.split(".")
        length = max(n for n in range(1, len(parts) + 1) if _importable(".".join(parts[:n])))
        found = reduce(getattr, parts[length:], import_module(".".join(parts[:length])))
        assert len(found.__doc__ or "") > 60, documented


def _importable(name: str) -> bool:
    try:
        import_module(name)
    except ModuleNotFoundError:
        return False
    return True


def test_a_plugin_author_sees_what_is_broken_and_where_that_is_promised(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(snow=PLUGIN, test_snow=TESTS)
    pytester.makeconftest('pytest_plugins = ["vsrrg.testing"]')
    pytester.syspathinsert()
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-k", "not threads"
    )
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] >= 1 and outcomes["passed"] > 10
    result.stdout.fnmatch_lines(
        [
            "*TestSnow.test_fuse_leaves_what_it_is_given*",
            "model 'snow': the first and the second fuse of a window differ by up to *",
            "Promised: `fuse` changes no encoded frame: those of one window are used again in the next ones.",
            "See vsrrg.models.base.DerainModel.",
        ]
    )
    assert "vsrrg/testing" not in result.stdout.str().partition("TestSnow.test_fuse")[2].partition("====")[0]


def test_importing_the_suites_imports_no_torch(tmp_path: Path) -> None:
    code = "import sys, vsrrg.testing; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("library", ["pytest", "hypothesis"])
def test_without_what_it_needs_it_says_what_to_do(library: str) -> None:
    code = f"import sys; sys.modules[{library!r}] = None; import vsrrg.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    wanted = f"ImportError: vsrrg.testing needs {library}: pip install 'vsrrg[testing]'"
    assert done.stderr.strip().splitlines()[-1] == wanted
