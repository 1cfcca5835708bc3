"""How things are where a library is not installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def absent(*libraries: str) -> Iterator[list[str]]:
    """Inside, these top-level modules are neither loaded nor to be found; the names of those that somebody
    looked for gather in the list that this gives.
    """
    loaded = {name: module for name, module in sys.modules.items() if _top(name) in libraries}
    finders = list(sys.meta_path)
    hidden = _Hidden(libraries, finders)
    for name in loaded:
        del sys.modules[name]
    sys.meta_path[:] = [hidden]
    try:
        yield hidden.asked
    finally:
        sys.meta_path[:] = finders
        sys.modules.update(loaded)


class _Hidden:
    """Finds what the finders find, but for some libraries."""

    def __init__(self, libraries: Sequence[str], finders: Sequence[Any]) -> None:
        self._libraries = libraries
        self._finders = finders
        self.asked: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if _top(name) in self._libraries:
            self.asked.append(name)
            return None
        found = (finder.find_spec(name, path, target) for finder in self._finders)
        return next((spec for spec in found if spec is not None), None)


def _top(name: str) -> str:
    return name.partition(".")[0]
