"""`vsrrg farm`: many files, or long ones in pieces, on all machines of a cluster."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vsrrg.cli.derain import encode_options, model_options, read_choices
from vsrrg.cli.say import say

if TYPE_CHECKING:
    from vsrrg_ray.driver import Summary

CPU_PIECE, GPU_PIECE = 300, 3000
"""Frames of a piece by default: a minute or two of work, which is what a lost worker costs."""

EPILOG = """\b
Examples:
  vsrrg farm *.mp4 --out clean
  vsrrg farm film.mkv --out clean --encoder libx265 --crf 18
  vsrrg farm *.mp4 --out clean --address 10.0.0.1:6379

Stopped in any way, the same command goes on where it was.
"""


@click.command(epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder of the outputs."
)
@click.option("--suffix", help="Suffix of the outputs, such as .mkv; by default that of each INPUT.")
@click.option(
    "--address",
    envvar="RAY_ADDRESS",
    show_envvar=True,
    default="local",
    show_default=True,
    help="The Ray cluster: HOST:6379, auto, or ray://HOST:10001; local is this machine alone.",
)
@click.option("--workers", type=click.IntRange(1), help="Workers at most; by default as many as fit.")
@click.option(
    "--cores-per-worker", type=click.IntRange(1), help="By default up to 4; beside GPUs an equal part."
)
@click.option(
    "--gpus-per-worker",
    type=float,
    default=1.0,
    show_default=True,
    help="GPUs of a worker, or its share of one.",
)
@click.option(
    "--piece",
    type=click.IntRange(1),
    metavar="FRAMES",
    help=f"Length of pieces of long files; by default up to {CPU_PIECE}, on GPUs {GPU_PIECE}.",
)
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help="Write all times as JSON.")
@model_options
@encode_options
@click.option("--overwrite", "-y", is_flag=True, help="Replace outputs that exist, which else are skipped.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress and no summary.")
@click.pass_context
def farm(
    context: click.Context,
    /,
    inputs: tuple[str, ...],
    out: Path,
    suffix: str | None,
    address: str,
    workers: int | None,
    cores_per_worker: int | None,
    gpus_per_worker: float,
    piece: int | None,
    report: Path | None,
    overwrite: bool,
    quiet: bool,
    **choices: Any,
) -> None:
    """Remove the rain from each INPUT and write it into DIR, on all CPUs and GPUs of a Ray cluster.

    INPUTs are files, folders, and quoted patterns with *, ? or **; what lies in folders of them lies in such
    folders of DIR. Long files are cut into pieces that are worked on side by side. INPUT and DIR must lie on
    storage that all machines see under the same path.
    """
    from vsrrg import __version__
    from vsrrg.batch.inputs import find_inputs, name_targets
    from vsrrg.hooks.filters import make_filters
    from vsrrg.pieces.identity import model_hash
    from vsrrg.pieces.lock import alone_in
    from vsrrg.pieces.sequence import forget
    from vsrrg.pieces.tasks import Job
    from vsrrg_ray.cluster import Wishes, connected, find_slots
    from vsrrg_ray.driver import run_job
    from vsrrg_ray.inputs import left_to_do
    from vsrrg_ray.progress import job_bar
    from vsrrg_ray.report import write_report

    options, encode = read_choices(choices)
    make_filters(options.filters)  # Refuses those that there are not.
    if options.model.endswith(".safetensors"):
        options = replace(options, model=str(Path(options.model).absolute()))
    wishes = Wishes(options.device, cores_per_worker, gpus_per_worker, workers)
    job = Job(options, encode, __version__, model_hash(options.model), piece or CPU_PIECE, overwrite)
    pairs = name_targets(replace(find_inputs(inputs), many=True), str(out), suffix)
    with alone_in(out):
        sources, failed = left_to_do(pairs, job)
        if sources:
            shown = contextlib.nullcontext(lambda status: None) if quiet else job_bar()
            with connected(address), ending_on_signals(), shown as show:
                if piece is None and any(slot.gpus for slot in find_slots(wishes)):
                    job = replace(job, piece=GPU_PIECE)
                summary = run_job(job, sources, lambda: find_slots(wishes), most=workers, show=show)
            failed |= {str(source.path): reason for source, reason in summary.failed.items()}
            if report is not None:
                write_report(report, summary)
            if not quiet:
                _tell(summary)
        if not failed:
            for pair in pairs:
                forget(pair.source, pair.target)
    _tell_rest(len(pairs) - len(sources) - len(failed), out, failed, quiet)
    if failed:
        context.exit(1)


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the program as an exception, with the exit code that belongs to them.

    They pass through Ray as what SIGINT is, for of other exceptions it makes its own.
    """
    caught: list[int] = []

    def end(number: int, frame: object) -> None:
        caught.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except KeyboardInterrupt:
        if caught:
            raise SystemExit(128 + caught[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(summary: Summary) -> None:
    if summary.lost:
        say(
            f"vsrrg: {len(summary.lost)} workers were lost; of the last it is known: {summary.lost[-1]}",
            err=True,
        )
    for reason in summary.left_out:
        say(f"vsrrg: a machine is left out: {reason}", err=True)
    for source, differs in summary.anew.items():
        say(f"vsrrg: {source.target.name} is begun anew: what was there is of {differs}", err=True)
    for source, done in summary.done.items():
        if done.dropped:
            suffix, dropped = source.target.suffix, ", no ".join(done.dropped)
            say(f"vsrrg: {source.target.name}: {suffix} holds no {dropped}; .mkv would", err=True)
        for note in done.notes:
            say(f"vsrrg: {source.target.name} {note}", err=True)
    if sys.stderr.isatty():
        say(
            f"{len(summary.done)} files: {summary.frames} frames in {summary.seconds:.1f} s: "
            f"{summary.frames / summary.seconds:.1f} fps on {summary.workers} workers",
            err=True,
        )


def _tell_rest(skipped: int, out: Path, failed: Mapping[str, str], quiet: bool) -> None:
    """What was not done, and what is kept."""
    if skipped and not quiet:
        say(f"vsrrg: {skipped} outputs were there already; --overwrite makes them anew", err=True)
    for name, reason in failed.items():
        say(f"vsrrg: {reason if name in reason else f'{name!r}: {reason}'}", err=True)
    if failed:
        say(
            f"vsrrg: {len(failed)} files failed; the same command tries them again, with the pieces that "
            f"{str(out)!r} keeps",
            err=True,
        )
