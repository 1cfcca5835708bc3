"""``vsrrg bench``: how fast this machine derains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vsrrg.bench.choices import parse_format, parse_size
from vsrrg.cli import words
from vsrrg.cli.memory import max_memory_option
from vsrrg.cli.progress import status
from vsrrg.cli.say import say
from vsrrg.errors import OptionError, tagged

if TYPE_CHECKING:
    from vsrrg.bench.record import Record
    from vsrrg.bench.report import Table

EPILOG = """\b
Examples:
  vsrrg bench                                      what this machine does; two minutes on two CPU cores
  vsrrg bench --quick                              the shortest look
  vsrrg bench --size 1080p --size 4k --format yuv420p10 --model general
  vsrrg bench --input rain.mp4 --adapters          your video; VapourSynth and files, too
  vsrrg bench --out speed.json --out speed.md --out speed.svg
  vsrrg bench --compare speed.json                 the same cases again, and what has changed
"""


FILE = click.Path(path_type=Path)


class _Parsed[T](click.ParamType[T]):
    """What a function makes of the text; it raises OptionError where that is nothing."""

    def __init__(self, name: str, parse: Callable[[str], T]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> T:
        try:
            return self._parse(str(value))
        except OptionError as error:
            self.fail(tagged(error), param, ctx)


@click.command(epilog=EPILOG)
@click.option(
    "--size",
    "sizes",
    type=_Parsed("size", parse_size),
    metavar="WxH",
    multiple=True,
    help="Such as 1280x720, 1080p or 4k.",
)
@click.option(
    "--format",
    "formats",
    type=_Parsed("format", lambda text: parse_format(text).name),
    metavar="NAME",
    multiple=True,
    help="Such as yuv420p8 or rgb32f.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    shell_complete=words.model_names,
    help="A name from 'vsrrg models', or a weight file.",
)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    shell_complete=words.backend_names,
    help="What runs the model.  [default: torch]",
)
@click.option(
    "--device",
    shell_complete=words.device_names,
    help="cpu, cuda or cuda:N; by default CUDA if there is any.",
)
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    shell_complete=words.precision_names,
    help="fp32, bf16 or fp16; by default what the device does fast.",
)
@max_memory_option
@click.option(
    "--lookahead",
    type=click.IntRange(0),
    metavar="FRAMES",
    help="Frames of the future to look at; with 0, for live video, ms is what a frame waits for itself.",
)
@click.option("--threads", type=click.IntRange(1), help="Compute threads on the CPU; by default torch's.")
@click.option(
    "--frames", type=click.IntRange(5, 10_000), help="Frames of a pass; by default a second's worth."
)
@click.option("--repeats", type=click.IntRange(1, 1000), help="Timed passes.  [default: 5]")
@click.option("--quick", is_flag=True, help="One size, one model and short passes, where not said otherwise.")
@click.option("--baselines/--no-baselines", default=True, help="Measure what needs no network, too.")
@click.option("--adapters", is_flag=True, help="Also measure VapourSynth, and files from end to end.")
@click.option(
    "--input",
    "video",
    type=FILE,
    metavar="FILE",
    help="Footage of your own; its size and format are measured where not said otherwise.",
)
@click.option(
    "--out",
    "outputs",
    type=FILE,
    multiple=True,
    help="Write the results: .json, .md, .svg or .png; may be given several times, replaces what is there.",
)
@click.option(
    "--compare",
    "earlier",
    type=FILE,
    metavar="OLD.json",
    help="Say what has changed since; its cases are measured where not said otherwise.",
)
@click.option(
    "--results",
    "given",
    type=FILE,
    metavar="NEW.json",
    help="Measure nothing: show, convert or compare what --out wrote.",
)
@click.pass_context
def bench(
    ctx: click.Context,
    /,
    outputs: tuple[Path, ...],
    earlier: Path | None,
    given: Path | None,
    adapters: bool,
    **wanted: Any,
) -> None:
    """Measure how fast this machine derains, frames in main memory to such.

    Every case runs in a process of its own: first what needs no network, then the models. The columns are
    explained in docs/benchmark.md. Exit code 1 means that a case failed; the others count.
    """
    from vsrrg.bench.compare import compare, table
    from vsrrg.bench.outputs import check_output, write_outputs
    from vsrrg.bench.record import read_record
    from vsrrg.bench.report import heading, remarks, tables
    from vsrrg.cli.derain import ending_on_sigterm

    for path in outputs:
        check_output(path)
    old = None if earlier is None else read_record(earlier)
    if given is not None:
        record = read_record(given)
    else:
        with ending_on_sigterm():
            record = _measure(old, adapters=adapters, **wanted)
    shown, said = tables(record), list(remarks(record))
    if old is not None:
        comparison = compare(old, record)
        shown.append(table(comparison))
        said += comparison.remarks
    _show(shown, heading(record), said)
    write_outputs(outputs, record, shown, said)
    ctx.exit(1 if record.failures else 0)


def _measure(
    old: Record | None,
    *,
    adapters: bool,
    sizes: tuple[tuple[int, int], ...],
    formats: tuple[str, ...],
    models: tuple[str, ...],
    backends: tuple[str, ...],
    device: str | None,
    precisions: tuple[Any, ...],
    max_memory: int | None,
    lookahead: int | None,
    threads: int | None,
    frames: int | None,
    repeats: int | None,
    quick: bool,
    baselines: bool,
    video: Path | None,
) -> Record:
    from vsrrg.bench.case import Effort
    from vsrrg.bench.choices import Choices
    from vsrrg.bench.jobs import machine
    from vsrrg.bench.run import run
    from vsrrg.engine import Options
    from vsrrg.hooks.resolve import find_backend, find_model

    for precision in precisions:
        Options(precision=precision)  # refuses what does not exist, as these do
    for model in models:
        find_model(model)
    for backend in backends:
        find_backend(backend)
    if video is not None:
        own_size, own_format = _own(video)
        sizes, formats = sizes or (own_size,), formats or (own_format,)
    effort = Effort(
        repeats=repeats or (3 if quick else 5), frames=frames, seconds=0.5 if quick else 1.0, video=video
    )
    wanted = (sizes, formats, models, backends, precisions, device, threads, max_memory, quick)
    chosen = any(wanted) or lookahead is not None
    here = machine(device)
    if old is not None and not chosen:
        cases = [one.case for one in old.results]
        adapters = adapters or bool(old.adapters)
    else:
        choices = Choices(
            sizes=sizes or (((640, 360),) if quick else ((640, 360), (1280, 720))),
            formats=formats or ("yuv420p8",),
            models=models or (("general",) if quick else ("general", "fast")),
            backends=backends or ("torch",),
            precisions=precisions or (None,),
            device=here.device,
            threads=threads,
            max_memory=max_memory,
            lookahead=lookahead,
            baselines=baselines,
        )
        cases = list(dict.fromkeys(choices.cases()))
    with status("starting") as tell:
        return run(cases, effort, here, adapters=adapters, tell=tell)


def _own(video: Path) -> tuple[tuple[int, int], str]:
    """Size and format of a video; MediaError or FormatError if it cannot be derained."""
    from vsrrg.ffmpeg.probe import probe
    from vsrrg.video.pix_fmts import find_pix_fmt

    media = probe(video)
    return (media.width, media.height), find_pix_fmt(media.pix_fmt).format.name


def _show(shown: list[Table], head: str, remarks: list[str]) -> None:
    from vsrrg.cli.tables import print_figures

    say(head)
    for one in shown:
        say("", one.title)
        print_figures(one.columns, one.rows, one.names)
    for remark in remarks:
        say(f"vsrrg: {remark}", err=True)
