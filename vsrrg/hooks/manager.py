"""Finds plugins, loads each on its own, and asks them one by one for what they add."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Literal

import pluggy

from vsrrg import __version__
from vsrrg.errors import PluginError, VsrrgError, one_line
from vsrrg.hooks import spec
from vsrrg.hooks.trace import traced
from vsrrg.logs import heed_environment

DEFAULT_PLUGINS = ("vsrrg.hooks.builtin", "vsrrg.vapoursynth", "vsrrg.ffmpeg.plugin", "vsrrg.cli.plugin")
"""vsrrg's own features, registered through the hooks that others use."""

log = logging.getLogger("vsrrg.hooks")


@dataclass(frozen=True)
class PluginState:
    """What became of one plugin."""

    name: str
    """Name of the entry point; of the module for vsrrg's own."""
    distribution: str
    """The installed package that brought it."""
    version: str
    api: int | None
    """The version of the hooks that it was written for; None where it was not loaded, or states none."""
    state: Literal["active", "broken", "off"]
    """broken: it failed to load and was skipped. off: switched off by VSRRG_PLUGINS."""
    hooks: tuple[str, ...] = ()
    """The hooks it implements."""
    reason: str = ""
    """Why it is not active, in one line."""


@dataclass(frozen=True)
class Offer[T]:
    """One thing that a plugin adds."""

    plugin: str
    item: T


def only[T](offers: list[Offer[T]], what: str, name: str) -> T | None:
    """The one thing of this name, if there is any; raises PluginError if there are several."""
    if len(offers) > 1:
        rivals = ", ".join(offer.plugin for offer in offers)
        raise PluginError(
            "rival-plugins",
            f"several plugins offer a {what} named {name!r} ({rivals}): uninstall all but one of them",
        )
    return offers[0].item if offers else None


class PluginManager:
    """The loaded plugins, vsrrg's own first, then those of the entry points in order of their names.

    Loading never raises: what fails is logged, skipped and kept in ``states`` with the reason.

    Args:
        found: entry points of the group ``vsrrg``.
        allowed: says by name which of them may be loaded.
    """

    def __init__(
        self, found: Iterable[EntryPoint], allowed: Callable[[str], bool] = lambda name: True
    ) -> None:
        self.states: list[PluginState] = []
        self._pluggy = pluggy.PluginManager("vsrrg")
        self._pluggy.add_hookspecs(spec)
        for module in DEFAULT_PLUGINS:
            self.add(module, lambda module=module: import_module(module), "vsrrg", __version__)  # type: ignore[misc]
        for entry in sorted(found, key=lambda entry: entry.name):
            package, version = (entry.dist.name, entry.dist.version) if entry.dist else ("", "")
            if allowed(entry.name):
                self.add(entry.name, entry.load, package, version)
            else:
                self.states.append(
                    PluginState(entry.name, package, version, None, "off", reason="not in VSRRG_PLUGINS")
                )

    def add(self, name: str, load: Callable[[], object], package: str = "", version: str = "") -> None:
        """Load one more plugin, after the others; ``states`` tells last what became of it."""
        state = PluginState(name, package, version, None, "active")
        if self._pluggy.has_plugin(name):
            self._skip(state, "another plugin of this name is loaded already")
            return
        try:
            plugin = load()
            stated = getattr(plugin, "vsrrg_api", None)
            state = replace(state, api=stated if isinstance(stated, int) else None)
            _check_api(stated)
            self._pluggy.register(plugin, name)
            self._pluggy.check_pending()
        except (Exception, SystemExit) as error:
            self._pluggy.unregister(name=name)
            self._skip(state, one_line(error))
            return
        hooks = tuple(sorted(caller.name for caller in self._pluggy.get_hookcallers(plugin) or []))
        if hooks:
            self.states.append(replace(state, hooks=hooks))
        else:
            self._skip(state, "it implements no hook: mark its functions with @vsrrg.hooks.hookimpl")

    def _skip(self, state: PluginState, reason: str) -> None:
        log.warning("plugin %s skipped: %s", state.name, reason)
        self.states.append(replace(state, state="broken", hooks=(), reason=reason))

    def extend(self, specs: ModuleType, own: str | None = None) -> None:
        """Know the hooks that another package specifies, in a module like ``vsrrg.hooks.spec``, too.

        Plugins have marked theirs with ``@hookimpl(optionalhook=True)``: they load without that package, and
        ``ask`` and ``collect`` find what they add. One whose function takes arguments is skipped from now on.
        ``own`` names a module that adds that package's own; it comes before the plugins.
        """
        for name in dir(specs):
            caller = getattr(self._pluggy.hook, name, None)
            if not isinstance(caller, pluggy.HookCaller):
                continue
            if caller.has_spec():
                return
            for implementation in caller.get_hookimpls():
                if implementation.argnames:
                    self._drop(implementation.plugin_name, f"{name} must not take arguments")
        self._pluggy.add_hookspecs(specs)
        if own is not None:
            self.add(own, lambda: import_module(own))
            self.states.insert(len(DEFAULT_PLUGINS), self.states.pop())

    def _drop(self, plugin: str, reason: str) -> None:
        self._pluggy.unregister(name=plugin)
        (state,) = (state for state in self.states if state.name == plugin and state.state == "active")
        self.states.remove(state)
        self._skip(state, reason)

    def active(self) -> list[str]:
        """Names of the loaded plugins, in order."""
        return [state.name for state in self.states if state.state == "active"]

    def ask(self, plugin: str, hook: str, kind: type[Any]) -> list[Any]:
        """What one plugin returns from a hook; empty where it does not implement it.

        Raises:
            PluginError: it raised, or returned anything but a list of ``kind``; the message names the plugin.
        """
        items: list[Any] = []
        for implementation in getattr(self._pluggy.hook, hook).get_hookimpls():
            if implementation.plugin_name != plugin:
                continue
            call = traced(plugin, hook, implementation.function)
            try:
                returned = call()
            except Exception as error:
                if plugin in DEFAULT_PLUGINS and isinstance(error, VsrrgError):
                    raise
                raise blame(plugin, f"failed in {hook}: {one_line(error)}") from error
            if not isinstance(returned, list) or not all(isinstance(item, kind) for item in returned):
                raise blame(plugin, f"returned from {hook} something other than a list of {kind.__name__}")
            items += returned
        return items

    def collect(self, hook: str, kind: type[Any]) -> list[Offer[Any]]:
        """What all plugins return from a hook, each item with the name of its plugin. Raises as ``ask``."""
        return [Offer(plugin, item) for plugin in self.active() for item in self.ask(plugin, hook, kind)]


def load_plugins() -> PluginManager:
    """Loads the plugins that are installed.

    The environment variable VSRRG_PLUGINS may be ``off`` (only vsrrg's own plugins) or a comma-separated list
    of the entry point names to load.

    Raises:
        OptionError: VSRRG_LOG names no level.
    """
    heed_environment()
    setting = os.environ.get("VSRRG_PLUGINS", "").strip()
    if not setting:
        return PluginManager(entry_points(group=spec.ENTRY_POINT_GROUP))
    names = set() if setting.lower() == "off" else {name.strip() for name in setting.split(",")}
    return PluginManager(entry_points(group=spec.ENTRY_POINT_GROUP), names.__contains__)


_installed = cache(load_plugins)
_stand_ins: list[PluginManager] = []


def get_manager() -> PluginManager:
    """The manager of this process: ``load_plugins`` at first use, unless another one stands in."""
    return _stand_ins[-1] if _stand_ins else _installed()


@contextmanager
def standing_in(manager: PluginManager) -> Iterator[None]:
    """Inside, this is the manager of the process, in all its threads; for tests."""
    _stand_ins.append(manager)
    try:
        yield
    finally:
        _stand_ins.remove(manager)


def plugin_states() -> list[PluginState]:
    """What became of every plugin found, in the order of loading."""
    return list(get_manager().states)


def _check_api(stated: object) -> None:
    """Raises PluginError unless a plugin states the version of the hooks that this vsrrg has."""
    here = f"this vsrrg ({__version__}) has version {spec.API_VERSION}"
    if stated is None:
        raise PluginError(
            "plugin-skipped",
            f"it does not state the version of the hooks that it was written for, and {here}: "
            f"update the plugin, or, if it is yours, set vsrrg_api = {spec.API_VERSION} in it",
        )
    if not isinstance(stated, int):
        raise PluginError(
            "plugin-skipped",
            f"its vsrrg_api is {stated!r}, which is no version, and {here}: update the plugin",
        )
    if stated != spec.API_VERSION:
        behind = "the plugin" if stated < spec.API_VERSION else "vsrrg"
        raise PluginError(
            "plugin-skipped", f"it was written for version {stated} of the hooks, but {here}: update {behind}"
        )


def blame(plugin: str, what: str) -> PluginError:
    """The error of a plugin that did ``what``."""
    return PluginError(
        "plugin-failed",
        f"plugin {plugin} {what}; update or uninstall it, or switch plugins off with VSRRG_PLUGINS=off",
    )
