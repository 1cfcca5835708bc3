"""What one process of a case does: it gets ready, then works whenever it is its turn.

Things that are compared take turns, so that whatever else the machine does slows all of them. Each has a
process of its own: OpenMP's teams of several threads in one process slow each other down, memory is told
apart, and the cold start is really cold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """A process that is ready. All values are what JSON has."""

    ready: Mapping[str, Any]
    """What it found while getting ready."""
    commands: Mapping[str, Callable[..., Mapping[str, Any]]] = field(default_factory=dict)
    """What it can be told to do, again and again; "turn" is one pass, and gives seconds by name."""
