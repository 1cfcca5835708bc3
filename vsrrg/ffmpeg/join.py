"""Deraining as an operator of ffmpeg-python: `vsrrg.ffmpeg.derain(stream)`.

Importing this module registers `run`, `run_async`, `compile` and `get_args` of output streams anew, through
ffmpeg-python's own decorator. For graphs without a DerainNode they are ffmpeg-python's.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import fields
from typing import Any

import ffmpeg
from ffmpeg.nodes import FilterableStream, output_operator

from vsrrg.engine import Options
from vsrrg.errors import OptionError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.graph import Cut, DerainNode, cut
from vsrrg.ffmpeg.inspection import StreamFormat, inspect

_SOURCE = "the stream to derain"


def derain_stream(stream: object, options: Options) -> Any:
    """The stream without rain, to be filtered further or output; raises OptionError for other objects."""
    if not isinstance(stream, FilterableStream):
        raise OptionError(
            "unknown-source", f"ffmpeg.derain takes a stream of ffmpeg-python, not a {type(stream).__name__}"
        )
    return DerainNode(stream, options).stream()


@output_operator()  # type: ignore[untyped-decorator]
def run(
    stream: Any,
    cmd: Any = "ffmpeg",
    capture_stdout: bool = False,
    capture_stderr: bool = False,
    input: bytes | None = None,
    quiet: bool = False,
    overwrite_output: bool = False,
) -> tuple[bytes | None, bytes | None]:
    """Run the graph, as ffmpeg-python's `run` does; a derained one in two processes with the engine between.

    For a derained graph the default `cmd` means the ffmpeg that vsrrg finds. Returns (stdout, stderr).

    Raises:
        MediaError: a derained graph failed.
        OptionError: a derained graph was given `input`, or cannot be derained.
    """
    graph = cut(stream)
    if graph is None:
        plain: tuple[bytes | None, bytes | None] = ffmpeg.run(
            stream, cmd, capture_stdout, capture_stderr, input, quiet, overwrite_output
        )
        return plain
    if input is not None:
        raise OptionError(
            "graph-reads-pipe",
            "a derained graph takes no input=, for its inputs are read twice; write them to a file",
        )
    from vsrrg.ffmpeg.run import run_cut
    from vsrrg.hooks.resolve import create_derainer

    binary, known = _prepare(graph, cmd)
    result = run_cut(
        graph,
        known,
        create_derainer(graph.options).stream,
        binary,
        source=_SOURCE,
        target="the output",
        overwrite=overwrite_output,
        capture=capture_stdout or quiet,
    )
    return (
        result.stdout if capture_stdout or quiet else None,
        result.stderr if capture_stderr or quiet else None,
    )


@output_operator()  # type: ignore[untyped-decorator]
def compile(stream: Any, cmd: Any = "ffmpeg", overwrite_output: bool = False) -> list[str]:
    """The command for the graph, as a list of words.

    For a derained one it is a shell pipeline of ffmpeg, `vsrrg pipe` and ffmpeg; one frame is decoded to
    know its format. Unlike `run` it does not notice when the first of the three fails.

    Raises:
        MediaError: the input of a derained graph cannot be decoded.
        OptionError: the graph cannot be derained.
    """
    graph = cut(stream)
    if graph is None:
        plain: list[str] = ffmpeg.compile(stream, cmd, overwrite_output)
        return plain
    binary, known = _prepare(graph, cmd)
    pipe = [sys.executable, "-m", "vsrrg", "pipe", *_pipe_options(graph.options, known)]
    commands = [
        graph.decode_command(known, binary),
        pipe,
        graph.encode_command(known, binary, overwrite=overwrite_output),
    ]
    return ["sh", "-c", " | ".join(shlex.join(command) for command in commands)]


@output_operator()  # type: ignore[untyped-decorator]
def get_args(stream: Any, overwrite_output: bool = False) -> list[str]:
    """The arguments of the one ffmpeg that runs the graph; raises OptionError for a derained graph."""
    if cut(stream) is not None:
        raise OptionError(
            "graph-needs-run",
            "a derained graph needs two ffmpeg processes; call .run(), or .compile() for a pipeline",
        )
    plain: list[str] = ffmpeg.get_args(stream, overwrite_output)
    return plain


@output_operator()  # type: ignore[untyped-decorator]
def run_async(stream: Any, *args: Any, **kwargs: Any) -> Any:
    """Start the graph and return its process; raises OptionError for a derained one."""
    if cut(stream) is not None:
        raise OptionError(
            "graph-needs-run", "a derained graph cannot run_async; call .run() in a thread of your own"
        )
    return ffmpeg.run_async(stream, *args, **kwargs)


def _prepare(graph: Cut, cmd: Any) -> tuple[str, StreamFormat]:
    """The ffmpeg to run and what the frames look like."""
    binary = find_ffmpeg() if cmd == "ffmpeg" else str(cmd)
    known = inspect(graph.inspect_command(binary), what=_SOURCE)
    if known.interlaced:
        raise OptionError(
            "interlaced-source", f"{_SOURCE} is interlaced; put .filter('bwdif') before deraining"
        )
    return binary, known


def _pipe_options(options: Options, known: StreamFormat) -> list[str]:
    words = ["--matrix", known.color.matrix, "--range", known.color.range]
    for field in fields(options):
        value = getattr(options, field.name)
        if value != field.default and field.name not in ("scene_cuts", "filters"):
            words += [f"--{field.name.replace('_', '-')}", str(value)]
    for one in options.filters:
        if not isinstance(one, str):
            raise OptionError(
                "filter-in-pipeline",
                "a pipeline cannot hold a FrameFilter; name one of a plugin's, or call .run()",
            )
        words += ["--filter", one]
    return words if options.scene_cuts else [*words, "--no-scene-cuts"]
