"""What may be chosen by name in training: this package's own, then what plugins add through a hook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Protocol

from vsrrg.hooks.manager import Offer, PluginManager, blame, get_manager
from vsrrg_training import hooks

OWN = "vsrrg_training.builtin"
"""The plugin that holds what this package itself adds."""


class Named(Protocol):
    """Anything with a name to be chosen by."""

    @property
    def name(self) -> str: ...


def known[T: Named](
    hook: str, kind: type[T], what: str, taken: frozenset[str] = frozenset()
) -> Mapping[str, Offer[T]]:
    """Everything that plugins offer through a hook, by name, in the order of the plugins.

    `what` is what one is called in messages; `taken` are names that are in use for something else. Raises
    PluginError, naming the plugin, where one offers something else than new, well-formed things.
    """
    manager = get_manager()
    manager.extend(hooks, own=OWN)
    return _known(manager, tuple(manager.active()), hook, kind, what, taken)


def checked_name(name: object, what: str) -> None:
    """Raises ValueError for what cannot be a name."""
    if not (isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_-]*", name)):
        raise ValueError(f"{name!r} is no name for a {what}: take lower-case letters, digits, '-' and '_'")


@cache
def _known[T: Named](
    manager: PluginManager,
    active: tuple[str, ...],
    hook: str,
    kind: type[T],
    what: str,
    taken: frozenset[str],
) -> Mapping[str, Offer[T]]:
    # More plugins may have become active since the last time.
    found: dict[str, Offer[T]] = {}
    for offer in manager.collect(hook, kind):
        name = offer.item.name
        if name in found or name in taken:
            owner = found[name].plugin if name in found else OWN
            raise blame(offer.plugin, f"offers a {what} {name!r}, a name that {owner} has")
        found[name] = offer
    return MappingProxyType(found)
