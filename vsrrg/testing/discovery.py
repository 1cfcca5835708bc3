"""Which plugins there are while a test runs: vsrrg's own, and the test's or some that are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import entry_points
from types import SimpleNamespace
from typing import Protocol

import pytest

from vsrrg.errors import PluginError
from vsrrg.hooks import API_VERSION, hookimpl
from vsrrg.hooks.manager import PluginManager, standing_in
from vsrrg.hooks.spec import ENTRY_POINT_GROUP


class Register(Protocol):
    """Adds a plugin for the rest of a test."""

    def __call__(self, plugin: object, name: str = "tested") -> None:
        """Take a module, or any object, as an entry point would name it; raises PluginError where vsrrg would
        skip it, with the reason.
        """
        ...


@contextmanager
def isolated() -> Iterator[Register]:
    """Inside, no entry point is seen: there are vsrrg's own plugins, and those that are registered."""
    manager = PluginManager([])

    def register(plugin: object, name: str = "tested") -> None:
        manager.add(name, lambda: plugin)
        _refuse_skipped(manager)

    with standing_in(manager):
        yield register


@contextmanager
def installed(*names: str) -> Iterator[None]:
    """Inside, vsrrg's own plugins are there and the installed ones of these names.

    Raises:
        PluginError: one of them is not installed, or vsrrg skips it, with the reason.
    """
    entries = entry_points(group=ENTRY_POINT_GROUP)
    for name in names:
        if name not in entries.names:
            there = ", ".join(sorted(entries.names)) or "none"
            raise PluginError(
                "plugin-skipped",
                f"no plugin {name!r} is installed: there are {there}; install the package first",
            )
    manager = PluginManager(entry for entry in entries if entry.name in names)
    _refuse_skipped(manager)
    with standing_in(manager):
        yield


def plugin_of(**hooks: list[object]) -> object:
    """A plugin whose hooks return these lists: `plugin_of(vsrrg_models=[MODEL])`."""
    mark = hookimpl(optionalhook=True)  # A hook that another package specifies may be among them.
    found = {name: mark(lambda items=items: items) for name, items in hooks.items()}
    return SimpleNamespace(vsrrg_api=API_VERSION, **found)


@pytest.fixture
def isolated_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """No entry point is seen by this test nor by the programs that it starts: there are vsrrg's own plugins,
    and in this process those that the test registers, `isolated_plugins(PLUGIN)`. See `Register`.
    """
    monkeypatch.setenv("VSRRG_PLUGINS", "off")
    with isolated() as register:
        yield register


@pytest.fixture
def only_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`only_plugins("snow", "ice")`: for the rest of this test, here and in the programs that it starts,
    these are the only plugins beside vsrrg's own; raises PluginError where one is not there or would be
    skipped.
    """
    with ExitStack() as stack:

        def only(*names: str) -> None:
            stack.enter_context(installed(*names))
            monkeypatch.setenv("VSRRG_PLUGINS", ",".join(names) or "off")

        yield only


def _refuse_skipped(manager: PluginManager) -> None:
    for state in manager.states:
        if state.state == "broken":
            raise PluginError("plugin-skipped", f"plugin {state.name} would be skipped: {state.reason}")
