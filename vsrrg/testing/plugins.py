"""What a plugin promises as a whole, whatever it adds."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from vsrrg.errors import PluginError
from vsrrg.hooks import ErrorDescriptor
from vsrrg.hooks.manager import DEFAULT_PLUGINS, PluginManager
from vsrrg.testing.promises import Suite, broken, promise

HOOKS = "vsrrg.hooks.spec"
NAME = "tested"
ITEMS: Mapping[str, str] = {
    "vsrrg_models": "vsrrg.models.ModelDescriptor",
    "vsrrg_backends": "vsrrg.backends.Backend",
    "vsrrg_adapters": "vsrrg.hooks.HostAdapter",
    "vsrrg_filters": "vsrrg.hooks.FilterDescriptor",
    "vsrrg_observers": "vsrrg.hooks.Observer",
    "vsrrg_commands": "click.Command",
    "vsrrg_errors": "vsrrg.hooks.ErrorDescriptor",
}
"""What each hook returns a list of."""


class PluginSuite(Suite):
    """Holds a plugin to the rules of `vsrrg.hooks.spec`.

    It needs the module's name::

        class TestSnow(PluginSuite):
            plugin = "vsrrg_snow"
    """

    @property
    @abstractmethod
    def plugin(self) -> str:
        """The module that the entry point names."""

    heavy: Sequence[str] = ("torch",)
    """Modules that must not be imported before the plugin is used."""

    @property
    def subject(self) -> str:
        return f"plugin {self.plugin}"

    @promise(HOOKS)
    def test_vsrrg_loads_it(self) -> None:
        """It states the version of the hooks that it was written for, and implements hooks that are there."""
        self._manager()

    @promise(HOOKS)
    def test_importing_it_imports_nothing_heavy(self) -> None:
        """Plugins are imported whenever the command line starts: heavy modules are imported in functions."""
        require_light(self.plugin, self.heavy)

    @promise(HOOKS)
    def test_hooks_return_lists(self) -> None:
        """Each hook returns a list of what it is there for, as often as it is asked."""
        manager = self._manager()
        kinds = _kinds()
        for hook in manager.states[-1].hooks:
            # Those that another package specifies, such as vsrrg_metrics, need that package.
            try:
                counts = {len(manager.ask(NAME, hook, kinds.get(hook, object))) for _ in range(2)}
            except PluginError as error:
                if hook not in kinds and isinstance(error.__cause__, ModuleNotFoundError):
                    continue
                broken(str(error))
            if len(counts) > 1:
                broken(f"{hook} returned a list of another length the second time")

    @promise(HOOKS)
    def test_names_are_its_own(self) -> None:
        """What it adds has names, each once, that nothing of vsrrg's own has."""
        manager = self._manager()
        for hook, kind in _kinds().items():
            if hook == "vsrrg_observers":  # Which nobody calls by name.
                continue
            names = [item.name for item in manager.ask(NAME, hook, kind)]
            taken = {item.name for own in DEFAULT_PLUGINS for item in manager.ask(own, hook, kind)}
            for name in names:
                if name in taken or names.count(name) > 1:
                    broken(f"{hook}: the name {name!r} is taken")

    @promise(HOOKS)
    def test_codes_have_pages(self) -> None:
        """Each code of an error has a page, whose heading is the code and whose first words are its line."""
        for one in self._manager().ask(NAME, "vsrrg_errors", ErrorDescriptor):
            try:
                head, line = one.page.read_text("utf-8").split("\n\n")[:2]
            except (OSError, ValueError) as error:
                broken(f"the page of {one.name} cannot be read: {error}")
            if (head, line.rstrip("\n")) != (f"# {one.name}", one.description):
                broken(f"the page of {one.name} begins with other words than its code and its line")

    def _manager(self) -> PluginManager:
        """A manager that has loaded the plugin, as it loads entry points."""
        manager = PluginManager([])
        manager.add(NAME, lambda: import_module(self.plugin))
        if manager.states[-1].state == "broken":
            broken(f"it would be skipped: {manager.states[-1].reason}")
        return manager


def require_light(module: str, heavy: Sequence[str]) -> None:
    """Breaks the promise where importing a module imports one of the others, in a process of its own."""
    code = f"import sys, {module}; print(*sorted({set(heavy)!r} & set(sys.modules)))"
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True)
    if done.returncode:
        broken(f"{module} cannot be imported alone: {done.stderr.strip().splitlines()[-1]}")
    if done.stdout.split():
        broken(f"importing {module} imports {', '.join(done.stdout.split())}")


def _kinds() -> dict[str, type[Any]]:
    kinds = {}
    for hook, path in ITEMS.items():
        module, _, name = path.rpartition(".")
        kinds[hook] = getattr(import_module(module), name)
    return kinds
