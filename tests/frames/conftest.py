"""Frames of all kinds go through the real engine, with a small network that sees a window of five."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from vsrrg.frames import Derainer, derain_frames
from vsrrg.hooks import resolve
from vsrrg.hooks.manager import Offer

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "engine")]

from engine_support import blend

CHOICES = {"model": "tiny", "device": "cpu", "precision": "fp32"}


@pytest.fixture(autouse=True)
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "model_offer", lambda name: Offer("", blend(2)))


@pytest.fixture
def derain() -> Callable[..., Any]:
    """`derain_frames` with that network, on the CPU unless told otherwise."""
    return partial(derain_frames, **CHOICES)


@pytest.fixture
def derainer() -> Callable[..., Derainer]:
    return partial(Derainer, **CHOICES)
