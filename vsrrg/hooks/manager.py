"""Finds plugins, loads each on its own, and asks them one by one for what they add."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from threading import RLock
from types import ModuleType
from typing import Any, Literal

import pluggy

from vsrrg import __version__
from vsrrg.errors import PluginError, VsrrgError, one_line
from vsrrg.errors.faults import excused
from vsrrg.hooks import spec
from vsrrg.hooks.checks import check_api, checked_hook, skipped
from vsrrg.hooks.entries import installed_entries, load_entry, origin
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


def only[T](offers: list[Offer[T]], what: str, name: str) -> Offer[T] | None:
    """The one thing of this name, if there is any; raises PluginError if there are several."""
    if len(offers) > 1:
        rivals = ", ".join(offer.plugin for offer in offers)
        raise PluginError(
            "rival-plugins",
            f"several plugins offer a {what} named {name!r} ({rivals}): uninstall all but one of them",
        )
    return offers[0] if offers else None


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
        known = [(origin(entry), entry) for entry in found]
        for (name, package, version), entry in sorted(known, key=lambda one: one[0]):
            if allowed(name):
                self.add(name, lambda entry=entry: load_entry(entry), package, version)  # type: ignore[misc]
            else:
                self.states.append(
                    PluginState(name, package, version, None, "off", reason="not in VSRRG_PLUGINS")
                )

    def add(self, name: str, load: Callable[[], object], package: str = "", version: str = "") -> None:
        """Load one more plugin, after the others; ``states`` tells last what became of it."""
        state = PluginState(name, package, version, None, "active")
        try:
            self._check_new(name)
            with _silent():
                plugin = load()
            stated = getattr(plugin, "vsrrg_api", None)
            state = replace(state, api=stated if type(stated) is int else None)
            check_api(stated)
            if (other := self._pluggy.get_name(plugin)) is not None:
                raise skipped(f"plugin {other} is the same module: keep one entry point of the two")
            hooks = self._hooks_of(plugin)
            self._pluggy.register(plugin, name)
        except BaseException as error:
            if excused(error):
                raise
            self._skip(state, one_line(error))
            return
        self.states.append(replace(state, hooks=hooks))

    def _check_new(self, name: str) -> None:
        """Raises PluginError for a name that a plugin has already."""
        for state in self.states:
            if state.name == name and state.state == "active":
                raise skipped(
                    f"the package {state.distribution} {state.version} has a plugin of this name, too: "
                    "uninstall one of the two"
                )

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        """The hooks that a plugin implements; raises PluginError where it does so wrongly."""
        callers = vars(self._pluggy.hook).items()
        known = [name for name, one in callers if isinstance(one, pluggy.HookCaller) and one.has_spec()]
        found = set()
        for name in dir(plugin):
            marks = self._pluggy.parse_hookimpl_opts(plugin, name)
            if marks is not None:
                found.add(checked_hook(name, getattr(plugin, name), marks, known))
            elif name in known and callable(getattr(plugin, name)):
                raise skipped(f"its {name} is not marked: put @vsrrg.hooks.hookimpl above it")
        if not found:
            raise skipped("it implements no hook: mark its functions with @vsrrg.hooks.hookimpl")
        return tuple(sorted(found))

    def _skip(self, state: PluginState, reason: str) -> None:
        log.warning("plugin %s skipped: %s", state.name, reason)
        self.states.append(replace(state, state="broken", hooks=(), reason=reason))

    def extend(self, specs: ModuleType, own: str | None = None) -> None:
        """Know the hooks that another package specifies, in a module like ``vsrrg.hooks.spec``, too.

        Plugins have marked theirs with ``@hookimpl(optionalhook=True)``: they load without that package, and
        ``ask`` and ``collect`` find what they add.
        ``own`` names a module that adds that package's own; it comes before the plugins.
        """
        for name in dir(specs):
            caller = getattr(self._pluggy.hook, name, None)
            if isinstance(caller, pluggy.HookCaller) and caller.has_spec():
                return
        self._pluggy.add_hookspecs(specs)
        if own is not None:
            self.add(own, lambda: import_module(own))
            self.states.insert(len(DEFAULT_PLUGINS), self.states.pop())

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
            own = VsrrgError if plugin in DEFAULT_PLUGINS else ()
            with blaming(plugin, f"in {hook}", own), _silent():
                returned = call()
            if not isinstance(returned, list) or not all(isinstance(item, kind) for item in returned):
                of = "" if kind is object else f" of {kind.__name__}"
                raise blame(plugin, f"returned from {hook} something other than a list{of}")
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
        return PluginManager(installed_entries())
    names = set() if setting.lower() == "off" else {name.strip() for name in setting.split(",")} - {""}
    found = installed_entries()
    installed = {entry.name for entry in found}
    for name in sorted(names - installed):
        there = ", ".join(sorted(installed)) or "none"
        log.warning("VSRRG_PLUGINS names %s, and no such plugin is installed: there are %s", name, there)
    return PluginManager(found, names.__contains__)


_redirecting = RLock()
"""There is one stdout for all threads: whoever redirects it must be the first to restore it."""
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


@contextmanager
def _silent() -> Iterator[None]:
    """Lets what is printed inside go to stderr: stdout may be where a host writes its video."""
    with _redirecting, redirect_stdout(sys.stderr):
        yield


def blame(plugin: str, what: str) -> PluginError:
    """The error of a plugin that did ``what``."""
    return PluginError(
        "plugin-failed",
        f"plugin {plugin} {what}; update or uninstall it, or switch plugins off with VSRRG_PLUGINS=off",
    )


@contextmanager
def blaming(
    plugin: str, where: str, allowed: type[Exception] | tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Makes what the plugin raises inside, SystemExit too, a PluginError: "plugin NAME failed WHERE: ...".

    Errors that are ``allowed`` go on as they are, and so does what is none of its doing: an interruption.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, allowed) or excused(error):
            raise
        raise blame(plugin, f"failed {where}: {one_line(error)}") from error
