"""`vsrrg farm`: many files, or long ones in pieces, on all machines of a cluster."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vsrrg.cli.derain import encode_options, misuse, model_options, read_choices

if TYPE_CHECKING:
    from vsrrg.pieces.tasks import Job, Source
    from vsrrg_ray.cluster import Wishes
    from vsrrg_ray.driver import Status, Summary
    from vsrrg_ray.telling import Tally

CPU_PIECE, GPU_PIECE = 300, 3000
"""Frames of a piece by default: a minute or two of work, which is what a lost worker costs."""

EPILOG = """\b
Examples:
  vsrrg farm *.mp4 --out clean
  vsrrg farm film.mkv --out clean --encoder libx265 --crf 18
  vsrrg farm *.mp4 --out clean --address 10.0.0.1:6379

Stopped in any way, the same command goes on where it was.

\b
Exit codes:
  0    all done, or skipped because it was there
  1    some or all inputs failed, or no machine can work; the others are done
  2    wrong words; nothing was begun
  130  interrupted by ^C; 143 by SIGTERM, 129 by SIGHUP
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
@click.option("--json", "as_json", is_flag=True, help="Tell programs what happens: a JSON object a line.")
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
    as_json: bool,
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
    from vsrrg.cli.telling import Teller
    from vsrrg.ffmpeg.transcode import check_encode
    from vsrrg.hooks.filters import make_filters
    from vsrrg.pieces.identity import model_hash
    from vsrrg.pieces.lock import alone_in
    from vsrrg.pieces.sequence import forget
    from vsrrg.pieces.tasks import Job
    from vsrrg_ray.cluster import Wishes
    from vsrrg_ray.inputs import left_to_do
    from vsrrg_ray.report import write_report
    from vsrrg_ray.telling import Tally, tell_rest, tell_speed

    with misuse():
        options, encode = read_choices(choices)
        check_encode(encode)
        make_filters(options.filters)  # Refuses those that there are not.
        if options.model.endswith(".safetensors"):
            options = replace(options, model=str(Path(options.model).absolute()))
        wishes = Wishes(options.device, cores_per_worker, gpus_per_worker, workers)
        job = Job(options, encode, __version__, model_hash(options.model), piece or CPU_PIECE, overwrite)
        found = replace(find_inputs(inputs), many=True)
        pairs = name_targets(found, str(out), suffix)
    tally = Tally(Teller(many=True, quiet=quiet, programs=as_json).tell, pairs, found.left_out)
    summary = None
    try:
        with alone_in(out), ending_on_signals():
            sources = left_to_do(pairs, job, tally)
            if sources:
                shown = tally.shown(quiet=quiet, programs=as_json)
                summary = _work(job, sources, wishes, address, out, tally, shown, choose_piece=piece is None)
            if not tally.failures:
                for pair in pairs:
                    forget(pair.source, pair.target)
    except BaseException as error:
        tally.end(interrupted=not isinstance(error, Exception))
        raise
    tally.end()
    if summary is not None and report is not None:
        write_report(report, summary)
    if not quiet:
        if summary is not None:
            tell_speed(summary)
        if tally.failures:
            tell_rest()
    if tally.failures:
        context.exit(1)


def _work(
    job: Job,
    sources: Sequence[Source],
    wishes: Wishes,
    address: str,
    out: Path,
    tally: Tally,
    shown: AbstractContextManager[Callable[[Status], None]],
    *,
    choose_piece: bool,
) -> Summary:
    from vsrrg_ray.cluster import connected, find_slots
    from vsrrg_ray.driver import run_job
    from vsrrg_ray.storage import marked

    # Signals once more: Ray takes SIGTERM for itself when it starts.
    with marked(out) as mark, connected(address), ending_on_signals(), shown as show:
        if choose_piece and any(slot.gpus for slot in find_slots(wishes)):
            job = replace(job, piece=GPU_PIECE)
        return run_job(
            job, sources, lambda: find_slots(wishes), mark=mark, most=wishes.most, tell=tally, show=show
        )


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
