"""How soon frames come in an editor: at its start, when a script is loaded again, and at each step.

python -m tests.vapoursynth.stepping                            both models at 640x360, on the CPU
python -m tests.vapoursynth.stepping --model fast --size 1280x720 --device cuda --runs 3
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

import click

from vsrrg.bench.choices import parse_size

LENGTH = 400
"""Frames of the clip: the demo clip, to and fro."""
STEPS = 10
"""Frames of each kind of step."""


@dataclass(frozen=True)
class Stepping:
    """Seconds until frames are there."""

    imports: float
    """From starting the process until VapourSynth, vsrrg and torch are imported."""
    cold: float
    """From starting the process to the first frame."""
    warm: float
    """From `vsrrg.derain` in the same process, as when a script is loaded again, to the first frame."""
    forward: float
    """The frame behind the one that is shown."""
    back: float
    """The frame before it, where none was shown yet."""
    jump: float
    """A frame far from all that were shown."""


def measure(model: str, device: str, width: int, height: int, began: float) -> Stepping:
    """Plays the editor in this process, which was started at `began` of the monotonic clock.

    The clip lies in memory: what a source filter needs is not in the figures.
    """
    import torch
    import vapoursynth as vs

    import vsrrg

    torch.get_num_threads()
    imports = time.monotonic() - began
    from vsrrg.bench.adapters import memory_clip
    from vsrrg.bench.footage import footage
    from vsrrg.video import PixelFormat

    reading = time.monotonic()
    pictures = footage(None, width, height, PixelFormat("yuv", 8, sub_w=1, sub_h=1), 100)
    began += time.monotonic() - reading  # It is no part of what is measured.

    def load() -> vs.VideoNode:
        clip = memory_clip(vs.core, pictures, LENGTH)
        return vsrrg.derain(clip, model=model, device=device)

    show(load(), 0)
    cold = time.monotonic() - began
    again = time.monotonic()
    clip = load()
    show(clip, 0)
    warm = time.monotonic() - again
    forward = [seconds(clip, n) for n in range(1, STEPS + 1)]
    show(clip, LENGTH // 2)
    back = [seconds(clip, LENGTH // 2 - n) for n in range(1, STEPS + 1)]
    far = range(LENGTH // 2 + STEPS, LENGTH - STEPS, (LENGTH // 2 - 2 * STEPS) // STEPS)
    # Every second from the end, so that none is the neighbour of one before.
    jump = [seconds(clip, n) for n in (*far[::-2], *far[-2::-2])][:STEPS]
    return Stepping(imports, cold, warm, *map(statistics.median, (forward, back, jump)))


def show(clip: object, n: int) -> None:
    """Asks for a frame as a viewer does, and waits for it."""
    clip.get_frame(n).close()  # type: ignore[attr-defined]


def seconds(clip: object, n: int) -> float:
    """Of `show`."""
    began = time.monotonic()
    show(clip, n)
    return time.monotonic() - began


def in_fresh_process(model: str, device: str, size: str) -> Stepping:
    """`measure` in a process of its own."""
    words = [sys.executable, "-m", "tests.vapoursynth.stepping", "--model", model, "--device", device]
    began = time.monotonic()
    done = subprocess.run(
        [*words, "--size", size, "--began", repr(began)], stdout=subprocess.PIPE, text=True, check=True
    )
    return Stepping(**json.loads(done.stdout))


def median(runs: Sequence[Stepping]) -> Stepping:
    """The median of each figure."""
    return Stepping(*(statistics.median(getattr(run, one.name) for run in runs) for one in fields(Stepping)))


def rows(found: Iterable[tuple[str, Stepping]]) -> Iterable[str]:
    """The table of docs/benchmark.md."""
    yield "| model | imports, s | first frame, s | loaded again, s | step on, ms | step back, ms | jump, ms |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for model, one in found:
        start = [f"{value:.2f}" for value in (one.imports, one.cold, one.warm)]
        steps = [f"{1e3 * value:.0f}" for value in (one.forward, one.back, one.jump)]
        yield f"| {' | '.join((model, *start, *steps))} |"


@click.command()
@click.option("--model", "models", multiple=True, default=("fast", "general"), show_default=True)
@click.option("--size", default="640x360", show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--runs", type=click.IntRange(1), default=5, show_default=True, help="Processes for each model."
)
@click.option("--began", type=float, hidden=True, help="Measure in this process, started at this moment.")
def main(models: tuple[str, ...], size: str, device: str, runs: int, began: float | None) -> None:
    """Measure how soon frames come in VapourSynth, in fresh processes, and print medians as a table."""
    if began is not None:
        click.echo(json.dumps(asdict(measure(models[0], device, *parse_size(size), began))))
        return
    found = (
        (model, median([in_fresh_process(model, device, size) for _ in range(runs)])) for model in models
    )
    for row in rows(found):
        click.echo(row)


if __name__ == "__main__":
    main()
