"""Which plugins a test sees, and that all is as before when it is over."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from vsrrg.errors import PluginError
from vsrrg.hooks import hookimpl, resolve
from vsrrg.hooks.manager import DEFAULT_PLUGINS, get_manager
from vsrrg.models import ModelDescriptor
from vsrrg.testing import discovery, plugin_of
from vsrrg.testing.discovery import Register, installed, isolated

MODEL = ModelDescriptor(name="snow", description="", radius=1, multiple=1, halo=0, load=lambda: None)  # type: ignore[arg-type,return-value]
SNOW, ICE = plugin_of(vsrrg_models=[MODEL]), plugin_of(vsrrg_models=[])


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snow and ice are installed, and a plugin that is broken."""
    entries = EntryPoints(
        EntryPoint(name, f"{__name__}:{target}", "vsrrg")
        for name, target in (("snow", "SNOW"), ("ice", "ICE"), ("broken", "GONE"))
    )
    monkeypatch.setitem(sys.modules, __name__, SimpleNamespace(SNOW=SNOW, ICE=ICE))  # type: ignore[misc]
    monkeypatch.setattr(discovery, "entry_points", lambda group: entries)


def others() -> list[str]:
    """The plugins that are there beside vsrrg's own."""
    active = get_manager().active()
    assert active[: len(DEFAULT_PLUGINS)] == list(DEFAULT_PLUGINS)
    return active[len(DEFAULT_PLUGINS) :]


def test_isolated_there_is_only_what_the_test_registers() -> None:
    before = get_manager()
    with isolated() as register:
        assert others() == []
        register(SNOW)
        register(ICE, "ice")
        assert others() == ["tested", "ice"]
        assert resolve.find_model("snow") is MODEL
    assert get_manager() is before
    assert "snow" not in resolve.model_names()


def test_after_a_failure_all_is_as_before() -> None:
    before = get_manager()
    with pytest.raises(ZeroDivisionError), isolated(), installed("ice"):
        raise ZeroDivisionError
    assert get_manager() is before


def test_only_the_named_ones_are_loaded() -> None:
    before = get_manager()
    with installed("snow"):
        assert others() == ["snow"]
        assert get_manager().states[-1].name == "snow"
        assert resolve.find_model("snow") is MODEL
        with installed():
            assert others() == []
        assert others() == ["snow"]
    assert get_manager() is before


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (SimpleNamespace(), "plugin tested would be skipped: it does not state the version of the hooks"),
        (
            SimpleNamespace(vsrrg_api=1, vsrrg_snow=hookimpl(lambda: [])),
            "plugin tested would be skipped: .*unknown hook 'vsrrg_snow'",
        ),
        (SimpleNamespace(vsrrg_api=1), "plugin tested would be skipped: it implements no hook"),
    ],
)
def test_a_plugin_that_would_be_skipped_is_refused(plugin: object, reason: str) -> None:
    with isolated() as register, pytest.raises(PluginError, match=reason):
        register(plugin)


def test_hooks_of_other_packages_wait_for_these() -> None:
    with isolated() as register:
        register(plugin_of(vsrrg_snow=[], vsrrg_models=[MODEL]))
        assert resolve.find_model(MODEL.name) is MODEL


def test_named_plugins_must_be_there_and_work() -> None:
    with pytest.raises(PluginError, match="no plugin 'hail' is installed: there are broken, ice, snow;"):
        installed("ice", "hail").__enter__()
    with pytest.raises(PluginError, match=r"plugin broken would be skipped: AttributeError: .*GONE"):
        installed("broken").__enter__()


def in_a_program() -> dict[str, str]:
    """The state of each plugin in a program that this test starts."""
    command = [sys.executable, "-m", "vsrrg", "plugins", "--json"]
    done = subprocess.run(command, capture_output=True, check=True)
    return {state["name"]: state["state"] for state in json.loads(done.stdout)}


def test_the_fixture_isolates_programs_too(isolated_plugins: Register) -> None:
    assert others() == []
    isolated_plugins(SNOW)
    assert others() == ["tested"]
    states = in_a_program()
    assert {name for name, state in states.items() if state == "active"} == set(DEFAULT_PLUGINS)


def test_the_fixture_chooses_for_programs_too(
    only_plugins: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # The entry points that are really there.
    only_plugins()
    assert others() == []
    names = set(in_a_program()) - set(DEFAULT_PLUGINS)
    for name in names & {"consensus"}:
        only_plugins(name)
        assert others() == [name]
        assert in_a_program()[name] == "active"
