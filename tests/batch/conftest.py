"""The engine's place is taken by one that flips bits, where the engine is not what is tested."""

from __future__ import annotations

import pytest

from tests.ffmpeg.media import Flip
from vsrrg.hooks import resolve


@pytest.fixture
def flip(monkeypatch: pytest.MonkeyPatch) -> Flip:
    """Takes the engine's place in this process."""
    derainer = Flip()
    monkeypatch.setattr(resolve, "create_derainer", lambda options: derainer)
    return derainer
