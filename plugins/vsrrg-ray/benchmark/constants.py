"""Measures what a farm costs beside deraining: the constants of the README's section on scaling.

    python plugins/vsrrg-ray/benchmark/constants.py [--input rain.mp4] [--frames 1200] [--encoder libx264]

One core for each ffmpeg, and nothing is derained: frames go through as they are.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import click
from scaling import DEMO, make_clip

from vsrrg import __version__
from vsrrg.engine import Options
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.transcode import EncodeOptions, Prepared, prepare
from vsrrg.hooks.resolve import create_derainer
from vsrrg.pieces.identity import describe, model_hash
from vsrrg.pieces.index import read_index
from vsrrg.pieces.join import join_pieces
from vsrrg.pieces.piece import derain_piece
from vsrrg.pieces.plan import Plan, choose_starts, read_plan
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Derain, Derained, Job, Look, Looked, Source

CONTEXT = 2
"""Frames on either side of a piece: the radius of vsrrg's own models."""
_WORKERS = 1000
"""Answers that are waited for at a time."""
SHORT, LONG = 5, 205
"""Frames of the two pieces that are compared."""


@click.command(help=__doc__)
@click.option("--input", "source", type=click.Path(path_type=Path, exists=True), default=DEMO)
@click.option("--frames", type=click.IntRange(400), default=1200, show_default=True)
@click.option("--encoder", default="libx264", show_default=True)
@click.option("--model", default="general", show_default=True)
def main(source: Path, frames: int, encoder: str, model: str) -> None:
    with tempfile.TemporaryDirectory(prefix="vsrrg-") as name:
        folder = Path(name)
        clip = make_clip(source, folder / "clip.mkv", frames)
        options = Options(model=model, device="cpu")
        encode = EncodeOptions(encoder=encoder, threads=1)
        tell("opening the model", timed(lambda: create_derainer(options)), "s")
        job = prepare(clip, folder / "out.mkv", options, encode)
        tell("looking at a file", timed(lambda: prepare(clip, folder / "out.mkv", options, encode)), "s")
        index = read_index(job.media, (), job.known)
        seconds = timed(lambda: read_index(job.media, (), job.known))
        tell("index, of the source's bytes", clip.stat().st_size / seconds / 1e6, "MB/s")
        tell("index, of its frames", frames / seconds, "frames/s")
        plan = Plan(job.known, index, choose_starts(index, 100, CONTEXT), CONTEXT)
        text = plan.to_json()
        tell("plan", len(text) / frames, "bytes per frame")
        tell("reading the plan", timed(lambda: read_plan(text)) / frames * 1e6, "us per frame")
        pieces(job, plan, options, folder)
        tell("decoding", frames / timed(lambda: decode(clip)), "frames/s on one core")
    driver()


def pieces(job: Prepared, plan: Plan, options: Options, folder: Path) -> None:
    """A short piece and a long one tell what a piece costs by itself, and what its frames do."""
    start = plan.starts[1]
    costs = []
    for count in SHORT, LONG:
        cut = replace(plan, starts=(0, start, start + count))
        path = folder / f"{count}.mkv"
        made = [derain_piece(job, cut, cut.pieces[1], path, options, iter, threads=1) for _ in range(3)]
        costs.append(median(one.seconds for one in made))
        if count == SHORT:
            tell("first frame of a piece after", median(one.waited for one in made), "s")
    each = (costs[1] - costs[0]) / (LONG - SHORT)
    tell("decoding twice, and encoding", each * 1e3, "ms per frame")
    tell("a piece by itself", costs[0] - each * SHORT, "s")
    whole = []
    for piece in plan.pieces:
        path = folder / f"whole-{piece.number}.mkv"
        whole.append((piece, path, derain_piece(job, plan, piece, path, options, iter, threads=1).order))
    seconds = timed(lambda: join_pieces(job, plan, whole, folder / "out.mkv"))
    tell("joining", (folder / "out.mkv").stat().st_size / seconds / 1e6, "MB/s")


def driver() -> None:
    """What each piece costs the process that hands them out."""
    count = 10_000
    source = Source(Path("a"), Path("b"), Path("c"), 1, 1)

    def hand_out() -> None:
        schedule = Schedule([source], count)
        schedule.next()
        schedule.take(Look(source, count), Looked(count, count, (), 0.0))
        for number in range(count):
            schedule.next()
            made = Derained(number, 1, "" if number == 0 else "x", "x", 0, 1.0, 0.0)
            schedule.take(Derain(source, number), made)

    tell("handing out a piece, without Ray", timed(hand_out) / count * 1e6, "us")
    import ray
    from vsrrg_ray.cluster import LOCAL, Wishes, connected, find_slots
    from vsrrg_ray.crew import Crew
    from vsrrg_ray.storage import Sample
    from vsrrg_ray.worker import as_actor

    with tempfile.TemporaryDirectory(prefix="vsrrg-") as name, connected(LOCAL):
        clip = make_clip(DEMO, Path(name) / "clip.mkv", 10)
        job = Job(Options(model="fast"), EncodeOptions(), __version__, model_hash("fast"), 100)
        sample = Sample(describe(clip, Path(name) / "out.mkv"))
        crew = Crew(job, sample, lambda: find_slots(Wishes()), 1)
        began = perf_counter()
        crew.settle()
        while not crew.working:
            crew.wait(1.0)
        start = perf_counter() - began
        (hand,) = crew.idle()
        question = timed(lambda: ray.get(hand.actor.frames.remote()), 50)
        # No machine is large enough for this one, so its answers stay away, as those of busy workers do.
        busy = as_actor().options(num_cpus=1_000_000).remote(job, hand.slot)
        answers = [busy.frames.remote() for _ in range(_WORKERS)]
        look = timed(
            lambda: (ray.wait(answers, timeout=0), ray.wait(answers, num_returns=_WORKERS, timeout=0)), 50
        )
        ray.kill(busy)
        crew.close()
    # Nothing can be printed while Ray is there, for what it prints itself is kept back.
    tell("starting a worker", start, "s")
    tell("a question to a worker", question * 1e3, "ms")
    tell("looking which workers are done", look / _WORKERS * 1e6, "us per worker")


def decode(clip: Path) -> None:
    command = [find_ffmpeg(), "-v", "error", "-threads", "1", "-i", str(clip), "-f", "null", "-"]
    subprocess.run(command, check=True)


def timed(call: Callable[[], object], times: int = 3) -> float:
    """Seconds that a call takes, the median of some."""

    def once() -> float:
        began = perf_counter()
        call()
        return perf_counter() - began

    return median(once() for _ in range(times))


def tell(what: str, amount: float, unit: str) -> None:
    print(f"{what:34} {amount:10.3g} {unit}", flush=True)


if __name__ == "__main__":
    main()
