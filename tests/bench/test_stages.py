"""Stages: exclusive, in order, and never more than the whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from torch.profiler import DeviceType, record_function

from tests.strategies import YUV420P8
from vsrrg.bench.footage import footage
from vsrrg.bench.stages import by_stage, measure_stages, split
from vsrrg.video import Frame


def rest_for(seconds: float, name: str) -> None:
    with record_function(name):
        time.sleep(seconds)


def work(frames: Iterable[Frame]) -> Iterator[Frame]:
    for frame in frames:
        with record_function("vsrrg.encode"):
            time.sleep(0.004)
            rest_for(0.002, "vsrrg.scene")
        rest_for(0.002, "somebody.else")
        other = threading.Thread(target=rest_for, args=(0.002, "vsrrg.sharpen"))
        other.start()
        other.join()
        yield frame


def test_stages_of_all_threads_are_found() -> None:
    frames = footage(None, 16, 16, YUV420P8, 8)
    stages = measure_stages(work, frames, "cpu", 1.0)
    assert list(stages) == ["scene", "encode", "sharpen", "rest"]
    assert sum(stages.values()) == pytest.approx(1.0) and min(stages.values()) > 0


def event(name: str, milliseconds: float, parent: Any = None) -> Any:
    return SimpleNamespace(
        name=name, device_type=DeviceType.CPU, cpu_time_total=1e3 * milliseconds, cpu_parent=parent
    )


def test_nested_stages_count_once() -> None:
    encode = event("vsrrg.encode", 8)
    between = event("aten::conv2d", 5, encode)
    events = [encode, between, event("vsrrg.scene", 3, between), event("vsrrg.scene", 1), event("other", 9)]
    assert by_stage(events, cuda=False) == pytest.approx({"encode": 0.005, "scene": 0.004})


def test_shares_of_a_slowed_pass_become_times_of_a_frame() -> None:
    stages = split({"fuse": 2.0, "upload": 1.0}, 4.0, 0.1)
    assert list(stages) == ["upload", "fuse", "rest"]
    assert list(stages.values()) == pytest.approx([0.025, 0.05, 0.025])


def test_stages_that_overlap_leave_no_rest() -> None:
    assert split({"fuse": 3.0, "upload": 2.0}, 4.0, 1.0)["rest"] == 0.0


def test_a_model_without_marks_has_no_stages() -> None:
    assert split({}, 1.0, 1.0) == {}
