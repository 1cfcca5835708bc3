"""What vsrrg says arrives in VapourSynth's own log, which editors show and vspipe prints."""

from __future__ import annotations

import logging

import pytest
import vapoursynth as vs

import vsrrg.vapoursynth
from vsrrg.logs import log


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Lines of VapourSynth's log, in a program that has not set up logging."""
    lines: list[tuple[int, str]] = []
    handle = vs.core.add_log_handler(lambda kind, text: lines.append((int(kind), text)))
    lines.clear()  # VapourSynth tells that it was added.
    yield lines
    vs.core.remove_log_handler(handle)


def derain(patch: pytest.MonkeyPatch) -> None:
    with patch.context() as alone:
        # pytest itself listens while a test runs.
        alone.setattr(log, "propagate", False)
        alone.setattr(log, "handlers", [logging.NullHandler()])
        alone.setattr(log, "level", log.level)
        clip = vs.core.std.BlankClip(width=64, height=48, format=vs.GRAY8, length=3)
        derained = vsrrg.vapoursynth.derain(clip, model="fast", device="cpu", precision="fp32", num_streams=2)
        log.getChild("engine").warning("it is hot")
        derained.get_frame(1)


def test_warnings_always(told: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VSRRG_LOG", raising=False)
    derain(monkeypatch)
    assert told == [(int(vs.MESSAGE_TYPE_WARNING), "vsrrg: it is hot")]


def test_decisions_on_demand(told: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSRRG_LOG", "info")
    derain(monkeypatch)
    information = int(vs.MESSAGE_TYPE_INFORMATION)
    assert (information, "vsrrg.engine.device: device cpu: asked for") in told
    assert (information, "vsrrg.vapoursynth.filter: clip: 64x48 gray8, 2 frames at once") in told
    # From a thread of VapourSynth's own.
    assert any(line.startswith("vsrrg.engine.budget: memory: ") for _, line in told)
