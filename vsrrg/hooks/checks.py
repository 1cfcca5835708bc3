"""What a plugin must be, so that it can be asked: written for these hooks, which it implements rightly."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from difflib import get_close_matches

import pluggy

from vsrrg import __version__
from vsrrg.errors import PluginError
from vsrrg.hooks import spec


def check_api(stated: object) -> None:
    """Raises PluginError unless a plugin states the version of the hooks that this vsrrg has."""
    here = f"this vsrrg ({__version__}) has version {spec.API_VERSION}"
    if stated is None:
        raise skipped(
            f"it does not state the version of the hooks that it was written for, and {here}: "
            f"update the plugin, or, if it is yours, set vsrrg_api = {spec.API_VERSION} in it"
        )
    if type(stated) is not int:
        raise skipped(f"its vsrrg_api is {stated!r}, which is no version, and {here}: update the plugin")
    if stated != spec.API_VERSION:
        behind = "the plugin" if stated < spec.API_VERSION else "vsrrg"
        raise skipped(f"it was written for version {stated} of the hooks, but {here}: update {behind}")


def checked_hook(
    name: str, function: Callable[..., object], marks: pluggy.HookimplOpts, known: Sequence[str]
) -> str:
    """The hook that a marked function implements; raises PluginError for one that cannot be asked."""
    for mark in ("tryfirst", "trylast", "hookwrapper", "wrapper"):
        if marks.get(mark):
            raise skipped(
                f"its {name} is marked {mark}, which has no meaning here: plugins are asked in the order of "
                "their names"
            )
    hook = marks.get("specname") or name
    if hook not in known and not marks.get("optionalhook"):
        near = get_close_matches(hook, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise skipped(f"it implements the unknown hook {hook!r}: {hint}")
    try:
        inspect.signature(function).bind()
    except TypeError:
        raise skipped(f"{name} must not take arguments") from None
    return hook


def skipped(reason: str) -> PluginError:
    """The error of a plugin that is not loaded."""
    return PluginError("plugin-skipped", reason)
