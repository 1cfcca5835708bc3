"""The hook specifications are the guide for plugin authors: every one is documented and typed."""

from __future__ import annotations

import inspect

import pluggy

from vsrrg.hooks import spec


def hooks() -> list[pluggy.HookCaller]:
    manager = pluggy.PluginManager("vsrrg")
    manager.add_hookspecs(spec)
    return [caller for name, caller in vars(manager.hook).items() if not name.startswith("_")]


def test_the_hooks_are_those_of_the_contract() -> None:
    names = {caller.name for caller in hooks()}
    assert names == {
        "vsrrg_models",
        "vsrrg_backends",
        "vsrrg_adapters",
        "vsrrg_filters",
        "vsrrg_observers",
        "vsrrg_commands",
        "vsrrg_errors",
    }


def test_every_hook_has_a_guide_and_a_typed_result() -> None:
    for caller in hooks():
        assert caller.spec is not None
        signature = inspect.signature(caller.spec.function)
        assert str(signature.return_annotation).startswith("list["), caller.name
        assert len(inspect.getdoc(caller.spec.function) or "") > 60, caller.name
