"""Real ffmpeg processes on tiny files; a stand-in for the engine flips bits, to show what comes through."""

from __future__ import annotations

import pytest

from tests.ffmpeg.media import Flip
from vsrrg.hooks import resolve


@pytest.fixture
def flip(monkeypatch: pytest.MonkeyPatch) -> Flip:
    """Takes the engine's place."""
    derainer = Flip()
    monkeypatch.setattr(resolve, "create_derainer", lambda options: derainer)
    return derainer
