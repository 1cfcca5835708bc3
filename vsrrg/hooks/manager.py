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
from importlib.metadata import EntryPoint, entry_points
from threading import RLock
from types import ModuleType
from typing import Any, Literal

import pluggy

from vsrrg import __version__
from vsrrg.errors import PluginError, VsrrgError, one_line
from vsrrg.errors.faults import excused
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
        known = [(_origin(entry), entry) for entry in found]
        for (name, package, version), entry in sorted(known, key=lambda one: one[0]):
            if allowed(name):
                self.add(name, entry.load, package, version)
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
            _check_api(stated)
            if (other := self._pluggy.get_name(plugin)) is not None:
                raise _skipped(f"plugin {other} is the same module: keep one entry point of the two")
            try:
                self._pluggy.register(plugin, name)
                self._pluggy.check_pending()
                hooks = self._hooks_of(plugin)
            except BaseException:
                self._pluggy.unregister(name=name)
                raise
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
                raise _skipped(
                    f"the package {state.distribution} {state.version} has a plugin of this name, too: "
                    "uninstall one of the two"
                )

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        """The hooks that a registered plugin implements; raises PluginError where it does so wrongly."""
        callers = self._pluggy.get_hookcallers(plugin) or []
        for caller in callers:
            for one in caller.get_hookimpls():
                if one.plugin is plugin:
                    _check_marks(one)
        marked = {caller.name for caller in callers}
        for name, caller in vars(self._pluggy.hook).items():
            known = isinstance(caller, pluggy.HookCaller) and caller.has_spec()
            if known and name not in marked and callable(getattr(plugin, name, None)):
                raise _skipped(f"its {name} is not marked: put @vsrrg.hooks.hookimpl above it")
        if not marked:
            raise _skipped("it implements no hook: mark its functions with @vsrrg.hooks.hookimpl")
        return tuple(sorted(marked))

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
        return PluginManager(entry_points(group=spec.ENTRY_POINT_GROUP))
    names = set() if setting.lower() == "off" else {name.strip() for name in setting.split(",")} - {""}
    found = entry_points(group=spec.ENTRY_POINT_GROUP)
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


def _origin(entry: EntryPoint) -> tuple[str, str, str]:
    """Name, package and version; empty where the package is damaged and does not tell."""
    try:
        return (entry.name, entry.dist.name, entry.dist.version) if entry.dist else (entry.name, "", "")
    except Exception:
        return entry.name, "", ""


@contextmanager
def _silent() -> Iterator[None]:
    """Lets what is printed inside go to stderr: stdout may be where a host writes its video."""
    with _redirecting, redirect_stdout(sys.stderr):
        yield


def _check_api(stated: object) -> None:
    """Raises PluginError unless a plugin states the version of the hooks that this vsrrg has."""
    here = f"this vsrrg ({__version__}) has version {spec.API_VERSION}"
    if stated is None:
        raise _skipped(
            f"it does not state the version of the hooks that it was written for, and {here}: "
            f"update the plugin, or, if it is yours, set vsrrg_api = {spec.API_VERSION} in it"
        )
    if type(stated) is not int:
        raise _skipped(f"its vsrrg_api is {stated!r}, which is no version, and {here}: update the plugin")
    if stated != spec.API_VERSION:
        behind = "the plugin" if stated < spec.API_VERSION else "vsrrg"
        raise _skipped(f"it was written for version {stated} of the hooks, but {here}: update {behind}")


def _check_marks(implementation: pluggy.HookImpl) -> None:
    """Raises PluginError for a mark of pluggy's that means nothing here."""
    for mark in ("tryfirst", "trylast", "hookwrapper", "wrapper"):
        if getattr(implementation, mark):
            raise _skipped(
                f"its {implementation.function.__name__} is marked {mark}, which has no meaning here: "
                "plugins are asked in the order of their names"
            )


def _skipped(reason: str) -> PluginError:
    return PluginError("plugin-skipped", reason)


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
