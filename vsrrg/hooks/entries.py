"""The entry points of installed packages, be some of these damaged."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, distributions, entry_points

from vsrrg.errors import one_line
from vsrrg.hooks.checks import skipped
from vsrrg.hooks.spec import ENTRY_POINT_GROUP

log = logging.getLogger("vsrrg.hooks")


def installed_entries() -> list[EntryPoint]:
    """The entry points of all installed packages that can be read; a warning names the others."""
    try:
        return list(entry_points(group=ENTRY_POINT_GROUP))
    except Exception:  # One package is enough for that.
        found: list[EntryPoint] = []
    for package in distributions():
        try:
            found += package.entry_points.select(group=ENTRY_POINT_GROUP)
        except Exception as error:
            log.warning(
                "the entry points of package %s cannot be read (%s): install it anew, or uninstall it",
                package.name,
                one_line(error),
            )
    return found


def origin(entry: EntryPoint) -> tuple[str, str, str]:
    """Name, package and version; empty where the package is damaged and does not tell."""
    try:
        package = entry.dist and (entry.dist.name, entry.dist.version)
    except Exception:
        package = None
    name, version = package or ("", "")
    return entry.name, name or "", version or ""


def load_entry(entry: EntryPoint) -> object:
    """What an entry point names; raises what its import raises."""
    try:
        return entry.load()
    except AttributeError:
        if EntryPoint.pattern.match(entry.value) is None:
            raise skipped(f"its entry point names {entry.value!r}, which can be no module") from None
        raise
