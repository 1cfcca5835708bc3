"""Plugins of a test's own, known everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.hooks.hooks_support import entries
from vsrrg.hooks import manager

type Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Lets these plugins be the installed ones, each by its name."""

    def install(**plugins: object) -> None:
        manager.get_manager.cache_clear()
        monkeypatch.setattr(manager, "entry_points", lambda group: entries(**plugins))

    yield install
    manager.get_manager.cache_clear()
