"""The part that runs a network through the engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from vsrrg.bench.case import LEAST, Case, Effort
from vsrrg.bench.choices import parse_format
from vsrrg.bench.footage import footage, held_bytes
from vsrrg.bench.memory import peak_ram, peak_vram
from vsrrg.bench.parts import Part
from vsrrg.bench.passes import pass_length, play
from vsrrg.bench.stages import measure_stages

if TYPE_CHECKING:
    from vsrrg.engine import Options

PROFILED = 32
"""Frames of the profiled pass at most: its events are held in memory."""


def engine_part(case: Case, effort: Effort) -> Part:
    """Turns are passes through `Derainer.stream`: "seconds" a frame, and those until the "first" frame.

    Three passes come before: one with a fresh model, for the start; one that says how long a pass must be;
    one of that length, after which memory is at its peak. The command "stages" profiles one more.

    Raises:
        VsrrgError: as opening the model and reading the footage do.
    """
    import torch

    from vsrrg.engine.device import choose_device, choose_precision
    from vsrrg.hooks.resolve import create_derainer, find_backend, find_model, precisions

    use_threads(case)
    model = find_model(case.model)
    device = choose_device(case.device)
    bears = precisions(model, find_backend(case.backend), device)
    precision = choose_precision(device, case.precision, bears)
    fmt = parse_format(case.format)
    head = footage(effort.video, case.width, case.height, fmt, max(LEAST, 2 * model.radius + 2))
    began = time.perf_counter()
    derainer = create_derainer(options(case))
    start = time.perf_counter() - began + play(derainer.stream, head).first
    count = pass_length(effort, play(derainer.stream, head).seconds)
    frames = head[:count]
    if count > len(head):
        frames = footage(effort.video, case.width, case.height, fmt, count)
        play(derainer.stream, frames)

    def turn() -> dict[str, Any]:
        one = play(derainer.stream, frames)
        return {"seconds": one.seconds, "first": one.first}

    def stages(seconds: float) -> dict[str, Any]:
        return measure_stages(derainer.stream, frames[:PROFILED], device, seconds)

    ready = {
        "frames": count,
        "start": start,
        "peak_ram": peak_ram() - held_bytes(head, frames),
        "peak_vram": peak_vram(device),
        "device": device,
        "precision": precision,
        "threads": torch.get_num_threads(),
        "frame_bytes": held_bytes(head[:1]),
    }
    return Part(ready, {"turn": turn, "stages": stages})


def settings(case: Case) -> dict[str, Any]:
    """What the case says of the engine, by the names that its options have everywhere."""
    names = ("model", "backend", "device", "precision", "max_memory", "lookahead")
    return {name: getattr(case, name) for name in names}


def options(case: Case) -> Options:
    """The same as the engine's own options."""
    from vsrrg.engine import Options

    return Options(**settings(case))


def use_threads(case: Case) -> None:
    """Has torch compute with as many threads as the case says."""
    import torch

    if case.threads is not None:
        torch.set_num_threads(case.threads)
