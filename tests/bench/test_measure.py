"""Real measurements of small frames, in processes as users' are."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from tests.bench.bench_support import BASELINE, CASE
from vsrrg.bench.adapters import files_part, vapoursynth_part
from vsrrg.bench.case import Effort, Failure, Result
from vsrrg.bench.engine import engine_part
from vsrrg.bench.jobs import PartError, Worker, start
from vsrrg.bench.measure import measure
from vsrrg.bench.worker import explain
from vsrrg.errors import ModelError

pytestmark = pytest.mark.timeout(60)

SHORT = Effort(repeats=2, frames=6)


def test_a_network_from_start_to_limits() -> None:
    case = replace(CASE, precision=None)
    result = measure(case, SHORT)
    assert isinstance(result, Result), result
    assert (result.case, result.frames, result.threads) == (case, 6, 1)
    assert result.precision in ("bf16", "fp32")
    assert len(result.seconds.values) == 2 and min(result.seconds.values) > 0
    assert result.latency.median < 6 * result.seconds.median  # it streams: no frame waits for all
    assert result.start > result.latency.median
    assert {"upload", "pack", "encode", "fuse", "composite", "rest"} <= set(result.stages)
    assert sum(result.stages.values()) == pytest.approx(result.seconds.median)
    assert min(result.stages.values()) >= 0
    assert 50e6 < result.peak_ram < 5e9 and result.peak_vram is None
    assert result.reference is not None and result.min_median is not None
    assert result.min_median.median < result.seconds.median
    assert result.frame_bytes == 64 * 48 * 3 // 2
    assert result.limit_share is not None and 0 < result.limit_share[0] < 1


def test_a_baseline_needs_no_network() -> None:
    result = measure(BASELINE, SHORT)
    assert isinstance(result, Result), result
    assert result.limits is None and result.stages == {}
    assert result.peak_ram < 150e6  # no torch in there


def test_a_part_that_is_killed_is_a_failure_with_a_reason() -> None:
    with start("min-median", BASELINE, SHORT) as worker:
        assert worker.do("turn")["seconds"] > 0
        os.kill(worker._process.pid, signal.SIGKILL)
        with pytest.raises(PartError, match="killed, as the system does when memory runs out"):
            worker.do("turn")


def test_a_part_that_cannot_start_is_a_failure_with_a_reason() -> None:
    with pytest.raises(PartError, match="unexpected KeyError"), Worker("what", {"effort": {"video": None}}):
        pass
    result = measure(replace(BASELINE, kind="tmedian", format="rgb32f"), SHORT)
    assert isinstance(result, Failure)
    assert result.reason == "ffmpeg's tmedian does not take gbrpf32le"


def test_the_length_of_a_pass_follows_the_speed() -> None:
    frames = [engine_part(CASE, Effort(seconds=seconds)).ready["frames"] for seconds in (0.001, 1000.0)]
    assert frames == [8, 96]


def test_the_adapters_take_turns() -> None:
    through = vapoursynth_part(CASE, SHORT, frames=6, turns=1).commands["turn"]
    assert through()["vapoursynth"] > 0
    part = files_part(CASE, SHORT, frames=6)
    seconds = part.commands["turn"]()
    assert part.ready["encoder"] == "libx264"
    assert set(seconds) == {"derain", "transcode", "decode", "encode"}
    assert 0 < seconds["decode"] < seconds["derain"]


@pytest.mark.needs_cuda
def test_a_network_on_cuda() -> None:
    result = measure(replace(CASE, device="cuda", precision="fp16", threads=None), SHORT)
    assert isinstance(result, Result), result
    assert result.peak_vram is not None and result.peak_vram > 1e6
    assert result.limits is not None and result.limits.upload is not None
    assert {"encode", "fuse", "download"} <= set(result.stages)
    assert all(seconds >= 0 for seconds in result.stages.values())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("unknown-model", "there is no such model"), "there is no such model"),
        (MemoryError(), "memory ran out: choose a smaller size, another model, or another device"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] you tried to allocate 9 bytes"), "memory ran out"),
        (RuntimeError("CUDA out of memory. Tried"), "memory ran out"),
        (ValueError("what\nnow"), "unexpected ValueError: what now"),
        (ValueError(), "unexpected ValueError"),
    ],
)
def test_what_went_wrong_is_a_sentence(error: Exception, said: str) -> None:
    assert explain(error).startswith(said)
