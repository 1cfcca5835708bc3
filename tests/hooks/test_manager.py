"""Loading each plugin on its own, and blaming the right one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib import metadata
from types import ModuleType, SimpleNamespace
from typing import Any

import click
import pytest

from tests.hooks.hooks_support import entries, plugin
from vsrrg.errors import ModelError, PluginError
from vsrrg.hooks import API_VERSION, hookimpl, manager, spec
from vsrrg.hooks import entries as installed
from vsrrg.hooks.manager import DEFAULT_PLUGINS, PluginManager

COMMAND = click.Command("snow")


def marked(**marks: bool) -> SimpleNamespace:
    """A plugin whose hook has these marks of pluggy's."""

    def models() -> list[object]:
        yield []  # type: ignore[misc]

    return SimpleNamespace(vsrrg_api=API_VERSION, vsrrg_models=hookimpl(**marks)(models))  # type: ignore[call-overload]


def load(**plugins: object) -> PluginManager:
    return PluginManager(entries(**plugins))


def state(manager: PluginManager, name: str) -> manager.PluginState:  # type: ignore[name-defined]
    return next(state for state in manager.states if state.name == name)


def test_own_features_are_registered_through_the_hooks() -> None:
    states = load().states
    assert [s.name for s in states] == list(DEFAULT_PLUGINS)
    assert [(s.api, s.reason) for s in states] == [(API_VERSION, "")] * len(states)
    hooks = {hook for s in states for hook in s.hooks}
    assert hooks == {"vsrrg_models", "vsrrg_backends", "vsrrg_adapters", "vsrrg_commands", "vsrrg_errors"}


def test_plugin_adds_to_a_hook_after_the_own_ones() -> None:
    loaded = load(snow=plugin(vsrrg_commands=lambda: [COMMAND]))
    offers = loaded.collect("vsrrg_commands", click.Command)
    assert (offers[-1].plugin, offers[-1].item) == ("snow", COMMAND)
    assert {offer.plugin for offer in offers[:-1]} == {"vsrrg.cli.plugin"}
    found = state(loaded, "snow")
    assert (found.distribution, found.version, found.state) == ("vsrrg-snow", "1.0", "active")
    assert found.hooks == ("vsrrg_commands",)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (ImportError("libsnow\nis gone"), "ImportError: libsnow is gone"),
        (SystemExit(3), "SystemExit: 3"),
        (BaseException("a panic in Rust"), "BaseException: a panic in Rust"),
        (
            plugin(vsrrg_moddels=lambda: []),
            "it implements the unknown hook 'vsrrg_moddels': did you mean 'vsrrg_models'?",
        ),
        (plugin(vsrrg_models=lambda extra: []), "vsrrg_models must not take arguments"),
        (plugin(), "implements no hook"),
        (
            SimpleNamespace(**vars(plugin(vsrrg_models=lambda: [])), vsrrg_filters=lambda: []),
            "its vsrrg_filters is not marked: put @vsrrg.hooks.hookimpl above it",
        ),
        (
            marked(tryfirst=True),
            "its vsrrg_models is marked tryfirst, which has no meaning here: plugins are asked in",
        ),
        (marked(trylast=True), "its vsrrg_models is marked trylast, which"),
        (marked(hookwrapper=True), "its vsrrg_models is marked hookwrapper, which"),
        (marked(wrapper=True), "its vsrrg_models is marked wrapper, which"),
        (None, "does not state the version of the hooks"),
    ],
)
def test_a_broken_plugin_is_skipped_and_reported_and_the_next_one_works(
    target: object, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    loaded = load(a=target, b=plugin(vsrrg_commands=lambda: [COMMAND]))
    assert state(loaded, "a").state == "broken"
    assert reason in state(loaded, "a").reason
    assert "\n" not in state(loaded, "a").reason
    assert "plugin a skipped" in caplog.text
    assert "a" not in loaded.active()
    assert loaded.collect("vsrrg_commands", click.Command)[-1].plugin == "b"


@pytest.mark.parametrize(
    ("stated", "kept", "reason"),
    [
        (2, 2, r"written for version 2 of the hooks, .* has version 1: update vsrrg"),
        (0, 0, r"written for version 0 of the hooks, .* has version 1: update the plugin"),
        (True, None, r"its vsrrg_api is True, which is no version"),
        (1.0, None, r"its vsrrg_api is 1.0, which is no version"),
        ("1", None, r"its vsrrg_api is '1', which is no version, .* has version 1: update the plugin"),
        (None, None, r"does not state the version .* 1: update the plugin, or, .* set vsrrg_api = 1 in it"),
    ],
)
def test_a_plugin_for_other_hooks_is_skipped_before_it_is_registered(
    stated: object, kept: int | None, reason: str
) -> None:
    # Its unknown hook would be the reason if the version did not come first.
    other = SimpleNamespace(vsrrg_api=stated, vsrrg_snow=hookimpl(lambda: []))
    loaded = load(a=other, b=plugin(vsrrg_commands=lambda: [COMMAND]))
    found = state(loaded, "a")
    assert (found.state, found.api, found.hooks) == ("broken", kept, ())
    assert re.search(reason, found.reason) and "\n" not in found.reason
    assert state(loaded, "b").api == API_VERSION


def test_of_two_plugins_of_one_name_the_second_is_skipped_whatever_is_found_first() -> None:
    def entry(package: str) -> Any:
        good = plugin(vsrrg_commands=lambda: [COMMAND])
        return SimpleNamespace(
            name="snow", load=lambda: good, dist=SimpleNamespace(name=package, version="2")
        )

    for packages in (("ice", "hail"), ("hail", "ice")):
        states = PluginManager(map(entry, packages)).states[-2:]
        assert [(s.distribution, s.state) for s in states] == [("hail", "active"), ("ice", "broken")]
        assert states[1].reason == (
            "the package hail 2 has a plugin of this name, too: uninstall one of the two"
        )


def test_of_two_entry_points_of_one_module_the_second_is_skipped() -> None:
    both = plugin(vsrrg_commands=lambda: [COMMAND])
    loaded = load(a=both, b=both)
    assert (state(loaded, "a").state, state(loaded, "b").state) == ("active", "broken")
    assert state(loaded, "b").reason == "plugin a is the same module: keep one entry point of the two"


def test_a_damaged_package_is_not_in_the_way() -> None:
    class Damaged:
        @property
        def name(self) -> str:
            raise TypeError("there is no METADATA")

    good = plugin(vsrrg_commands=lambda: [COMMAND])
    found: Any = [SimpleNamespace(name="snow", load=lambda: good, dist=Damaged())]
    assert (PluginManager(found).states[-1].state, PluginManager(found).states[-1].distribution) == (
        "active",
        "",
    )


def test_an_interruption_while_a_plugin_is_loaded_is_none_of_its_doing() -> None:
    with pytest.raises(KeyboardInterrupt):
        load(a=KeyboardInterrupt())


def test_what_plugins_print_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    def say() -> list[Any]:
        print("asked")
        return [COMMAND]

    def give() -> object:
        print("loaded")
        return plugin(vsrrg_commands=say)

    found: Any = [SimpleNamespace(name="snow", load=give, dist=None)]
    PluginManager(found).collect("vsrrg_commands", click.Command)
    print("host")
    assert capsys.readouterr() == ("host\n", "loaded\nasked\n")


def test_an_implementation_that_raises_is_named() -> None:
    def fail() -> list[object]:
        raise ZeroDivisionError("division by zero")

    loaded = load(snow=plugin(vsrrg_commands=fail))
    with pytest.raises(
        PluginError, match=r"plugin snow failed in vsrrg_commands: ZeroDivisionError: division"
    ):
        loaded.collect("vsrrg_commands", click.Command)


def test_an_implementation_that_ends_the_program_is_named() -> None:
    loaded = load(snow=plugin(vsrrg_commands=lambda: sys.exit(0)))
    with pytest.raises(PluginError, match="plugin snow failed in vsrrg_commands: SystemExit: 0; update or"):
        loaded.collect("vsrrg_commands", click.Command)


@pytest.mark.parametrize("returned", [None, "snow", ["snow"], COMMAND])
def test_an_implementation_that_returns_the_wrong_type_is_named(returned: object) -> None:
    loaded = load(snow=plugin(vsrrg_commands=lambda: returned))
    with pytest.raises(PluginError, match=r"plugin snow returned from vsrrg_commands .* list of Command"):
        loaded.collect("vsrrg_commands", click.Command)


@spec.hookspec
def vsrrg_hail() -> list[str]:  # type: ignore[empty-body]
    """A hook of another package."""


def outside() -> ModuleType:
    """That package's specifications."""
    specs = ModuleType("hail_spec")
    specs.vsrrg_hail = vsrrg_hail  # type: ignore[attr-defined]
    return specs


def optional(function: Callable[..., Any]) -> SimpleNamespace:
    return SimpleNamespace(
        vsrrg_api=API_VERSION,
        vsrrg_hail=hookimpl(optionalhook=True)(function),
        vsrrg_models=hookimpl(lambda: []),
    )


def test_hooks_of_other_packages_are_there_once_it_has_said_so(caplog: pytest.LogCaptureFixture) -> None:
    loaded = load(
        ice=optional(lambda: ["ice"]), bad=optional(lambda extra: []), snow=plugin(vsrrg_models=lambda: [])
    )
    assert state(loaded, "ice").hooks == ("vsrrg_hail", "vsrrg_models")
    for _ in range(2):
        loaded.extend(outside())
        assert [(offer.plugin, offer.item) for offer in loaded.collect("vsrrg_hail", str)] == [("ice", "ice")]
    assert (state(loaded, "bad").state, state(loaded, "bad").hooks) == ("broken", ())
    assert state(loaded, "bad").reason == "vsrrg_hail must not take arguments"
    assert (
        "plugin bad skipped: vsrrg_hail must not take arguments" in caplog.text
        and "bad" not in loaded.active()
    )


def test_a_package_adds_its_own_before_the_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ModuleType("hail_own")
    own.vsrrg_api, own.vsrrg_hail = API_VERSION, hookimpl(lambda: ["own"])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hail_own", own)
    loaded = load(ice=optional(lambda: ["ice"]))
    for _ in range(2):
        loaded.extend(outside(), own="hail_own")
    offers = loaded.collect("vsrrg_hail", str)
    assert [(offer.plugin, offer.item) for offer in offers] == [("hail_own", "own"), ("ice", "ice")]
    assert loaded.active()[len(DEFAULT_PLUGINS) :] == ["hail_own", "ice"]


def test_hooks_of_other_packages_need_no_plugin() -> None:
    loaded = load()
    loaded.extend(outside())
    assert loaded.collect("vsrrg_hail", str) == []


def test_errors_of_the_own_plugins_reach_the_user_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> list[object]:
        raise ModelError("damaged-weights", "the weight file is damaged")

    monkeypatch.setattr("vsrrg.models.builtin_models", damaged)
    with pytest.raises(ModelError, match="damaged"):
        load().collect("vsrrg_models", object)


@pytest.mark.parametrize(
    ("setting", "active"), [("off", []), ("OFF", []), ("snow", ["snow"]), ("ice, snow", ["ice", "snow"])]
)
def test_vsrrg_plugins_chooses_what_is_loaded(
    setting: str, active: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def entry(name: str) -> SimpleNamespace:
        target = plugin(vsrrg_commands=lambda: [])
        return SimpleNamespace(name=name, load=lambda: target, dist=None)

    monkeypatch.setattr(installed, "entry_points", lambda group: [entry("snow"), entry("ice"), entry("hail")])
    monkeypatch.setenv("VSRRG_PLUGINS", setting)
    loaded = manager.load_plugins()
    assert loaded.active()[len(DEFAULT_PLUGINS) :] == active
    assert "no such plugin" not in caplog.text
    skipped = [s for s in loaded.states if s.state == "off"]
    assert {s.name for s in skipped} == {"snow", "ice", "hail"} - set(active)
    assert {s.reason for s in skipped} == {"not in VSRRG_PLUGINS"}


def test_a_name_that_is_not_installed_is_noticed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(installed, "entry_points", lambda group: entries(snow=plugin(), ice=plugin()))
    monkeypatch.setenv("VSRRG_PLUGINS", "snwo,ice")
    manager.load_plugins()
    assert "VSRRG_PLUGINS names snwo, and no such plugin is installed: there are ice, snow" in caplog.text


def test_entry_points_are_read_from_the_group_vsrrg() -> None:
    found = {entry.name for entry in metadata.entry_points(group="vsrrg")}
    assert found <= {state.name for state in manager.plugin_states()}
