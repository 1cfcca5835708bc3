"""Plugins of a test's own, known everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.hooks.hooks_support import entries
from vsrrg.hooks.manager import PluginManager, standing_in

type Install = Callable[..., None]


@pytest.fixture
def install() -> Iterator[Install]:
    """Lets these plugins be the installed ones, each by its name."""
    with ExitStack() as stack:

        def install(**plugins: object) -> None:
            stack.enter_context(standing_in(PluginManager(entries(**plugins))))

        yield install
