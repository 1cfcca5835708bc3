"""Measures one case in this process, which nothing else should have used before."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vsrrg.bench.baselines import min_median, tmedian, write_raw
from vsrrg.bench.case import LEAST, Case, Effort, Result, Spread
from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage, held_bytes
from vsrrg.bench.memory import peak_ram, peak_vram
from vsrrg.bench.passes import Pass, Work, pass_length, play
from vsrrg.video.frame import Frame


def measure(case: Case, effort: Effort) -> Result:
    """What is to be known of a case.

    Raises:
        VsrrgError: as opening the model, reading the footage or running ffmpeg does.
        MemoryError, RuntimeError: memory runs out.
    """
    if case.kind == "network":
        return measure_network(case, effort)
    return measure_min_median(case, effort) if case.kind == "min-median" else measure_tmedian(case, effort)


def measure_network(case: Case, effort: Effort) -> Result:
    """A network through `Derainer.stream`.

    Three passes come first: one with a fresh model, for the start; one that says how long a pass must be;
    one of that length, after which memory is at its peak. Then, by turns, the reference stack,
    numpy's min(input, median of 3) and the network; then a profiled pass and the limits of the hardware.
    """
    import torch

    from vsrrg.bench.ceilings import measure_limits
    from vsrrg.bench.flops import frame_flops
    from vsrrg.bench.reference import reference_stack
    from vsrrg.bench.stages import measure_stages
    from vsrrg.engine import Options
    from vsrrg.engine.device import choose_device, choose_precision
    from vsrrg.hooks.resolve import create_derainer, find_model

    if case.threads is not None:
        torch.set_num_threads(case.threads)
    options = Options(model=case.model, backend=case.backend, device=case.device, precision=case.precision)
    model = find_model(case.model)
    device = choose_device(case.device)
    precision = choose_precision(device, case.precision, model.halves)
    head = _footage(case, effort, max(LEAST, 2 * model.radius + 2))
    began = time.perf_counter()
    derainer = create_derainer(options)
    opened = time.perf_counter() - began
    start = opened + play(derainer.stream, head).first
    frames = _clip(case, effort, derainer.stream, head)
    ram, vram = peak_ram() - held_bytes(head, frames), peak_vram(device)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    stack = reference_stack(device, dtype)
    references, lowered, passes = [], [], []
    for _ in range(effort.repeats):
        references.append(stack())
        lowered.append(play(min_median, frames).seconds)
        passes.append(play(derainer.stream, frames))
    seconds = _spread(passes, lambda one: one.seconds)
    return Result(
        case=case,
        frames=len(frames),
        seconds=seconds,
        start=start,
        latency=_spread(passes, lambda one: one.first),
        peak_ram=ram,
        peak_vram=vram,
        precision=precision,
        threads=torch.get_num_threads(),
        stages=measure_stages(derainer.stream, head, device, seconds.median),
        reference=Spread(tuple(references)),
        min_median=Spread(tuple(lowered)),
        limits=measure_limits(device, dtype),
        flops=frame_flops(model, case.width, case.height),
        frame_bytes=held_bytes(frames[:1]),
    )


def measure_min_median(case: Case, effort: Effort) -> Result:
    """numpy's min(input, median of 3); one thread, whatever the case says."""
    head = _footage(case, effort, LEAST)
    start = play(min_median, head).first
    frames = _clip(case, effort, min_median, head)
    ram = peak_ram() - held_bytes(head, frames)
    passes = [play(min_median, frames) for _ in range(effort.repeats)]
    return Result(
        case=case,
        frames=len(frames),
        seconds=_spread(passes, lambda one: one.seconds),
        start=start,
        latency=_spread(passes, lambda one: one.first),
        peak_ram=ram,
        threads=1,
        frame_bytes=held_bytes(frames[:1]),
    )


def measure_tmedian(case: Case, effort: Effort) -> Result:
    """ffmpeg's `tmedian=radius=1` on raw frames, as a process of its own; so its start counts as latency."""
    frames = _footage(case, effort, effort.frames or LEAST)
    with tempfile.TemporaryDirectory(prefix="vsrrg-bench-") as folder:
        raw = Path(folder) / "frames.raw"
        write_raw(frames, raw)
        runs = [tmedian(raw, frames[0], len(frames), case.threads) for _ in range(effort.repeats + 1)]
    cold, *runs = runs
    return Result(
        case=case,
        frames=cold.frames,
        seconds=Spread(tuple(run.seconds for run in runs)),
        start=cold.start,
        latency=Spread(tuple(run.start for run in runs)),
        peak_ram=max(run.peak_ram for run in runs),
        threads=case.threads,
        frame_bytes=held_bytes(frames[:1]),
    )


def _footage(case: Case, effort: Effort, count: int) -> list[Frame]:
    return footage(effort.video, case.width, case.height, parse_format(case.format), count)


def _clip(case: Case, effort: Effort, work: Work, head: list[Frame]) -> list[Frame]:
    """The frames of the timed passes, which have gone through once."""
    count = pass_length(effort, play(work, head).seconds)
    if count <= len(head):
        return head[:count]
    frames = _footage(case, effort, count)
    play(work, frames)
    return frames


def _spread(passes: list[Pass], of: Callable[[Pass], float]) -> Spread:
    return Spread(tuple(map(of, passes)))
