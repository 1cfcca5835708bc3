"""An ffmpeg-python graph with deraining in it, and the two ffmpeg commands it becomes.

The graph is cut at its `DerainNode`. What lies above it runs in one ffmpeg that writes raw frames to a
pipe. The whole graph runs in another, where a blend stands in place of the node: it takes each frame's
pixels from the pipe, and its properties (timestamps, colour tags, aspect ratio, HDR and other side data)
from what lies above, decoded once more. Everything here only builds; nothing is run or read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ffmpeg
from ffmpeg.nodes import FilterNode, InputNode, OutputNode

from vsrrg.errors import OptionError
from vsrrg.ffmpeg.hold import hold
from vsrrg.ffmpeg.process import LEVELS, TELL_INTERLACED
from vsrrg.ffmpeg.rebuild import nodes_above, rebuild

if TYPE_CHECKING:
    from vsrrg.engine import Options
    from vsrrg.ffmpeg.inspection import StreamFormat


class RawFilter(FilterNode):  # type: ignore[misc]
    """A piece of a filter graph in ffmpeg's own words: one stream in, one out."""

    def __init__(self, stream: Any, text: str) -> None:
        super().__init__(stream, "raw", args=[text])

    def _get_filter(self, outgoing_edges: Any) -> str:
        text: str = self.args[0]
        return text


class DerainNode(FilterNode):  # type: ignore[misc]
    """The place in a graph where rain is removed."""

    def __init__(self, stream: Any, options: Options) -> None:
        super().__init__(stream, "vsrrg_derain", kwargs=dict(vars(options)))
        self.options = options

    def _get_filter(self, outgoing_edges: Any) -> str:
        raise OptionError(
            "graph-needs-run", "ffmpeg alone cannot run a derained graph; call .run() on its output stream"
        )


@dataclass(frozen=True)
class Cut:
    """A graph cut at its DerainNode."""

    options: Options
    upstream: Any
    """The ffmpeg-python stream that is derained."""
    output: Any
    """The whole graph's output stream."""
    node: DerainNode
    words: tuple[str, ...] = ()
    """More output options for a graph of one output; ffmpeg-python cannot repeat or order options."""
    around: Any = None
    """The ffmpeg-python stream that is decoded for the engine, where that is more than what is encoded."""
    size: tuple[int, int] | None = None
    """Columns and rows of the frames that the engine gives, where these are others than it gets."""
    apart: bool = False
    """Whether a frame that is not later than the one before is moved to a tick after it. Only where there is
    one, for ffmpeg then knows neither durations nor the rate any more."""

    def held(self) -> Cut:
        """The same with all frames of the inputs made like the first."""
        output = hold(self.output.node)
        node = _derained(output).pop()
        return replace(self, upstream=_upstream(node), output=output.stream(), node=node)

    def inspect_command(self, binary: str = "ffmpeg") -> list[str]:
        """The command whose stderr shows the first upstream frame (see `parse_showinfo`).

        It opens all that the encoding ffmpeg opens, for the times of some containers count from the first
        stream in use.
        """
        shown = self.upstream.filter("showinfo", checksum=0)
        out = ffmpeg.output(
            shown,
            *self._beside(),
            "-",
            **{"format": "null", "c:a": "copy", "c:s": "copy", "c:d": "copy"},
            **{"frames:v": 1, "frames:a": 0, "frames:s": 0, "frames:d": 0},
        )
        command: list[str] = ffmpeg.compile(
            out, cmd=[binary, "-nostdin", "-hide_banner", "-nostats", "-v", "info"]
        )
        return command

    def _beside(self) -> list[Any]:
        """Streams of the inputs that are used elsewhere than above the cut."""
        above = nodes_above(self.node)
        found = {
            (edge.upstream_node, edge.upstream_selector): None
            for node in nodes_above(self.output.node)
            if node not in above
            for edge in node.incoming_edges
            if isinstance(edge.upstream_node, InputNode)
            and (edge.upstream_selector is not None or isinstance(node, OutputNode))
        }
        return [node.stream(selector=selector) for node, selector in found]

    def _timed(self, stream: Any) -> Any:
        if not self.apart:
            return stream
        return stream.filter("setpts", "if(isnan(PREV_OUTPTS),PTS,max(PTS,PREV_OUTPTS+1))")

    def decode_command(
        self, known: StreamFormat, binary: str = "ffmpeg", *, level: str = "error"
    ) -> list[str]:
        """The command that writes the upstream frames, which are `known`, to stdout as NUT.

        `level` is what it shall say on stderr, in ffmpeg's words.
        """
        shown = self._timed(self.around or self.upstream)
        if level == LEVELS:
            shown = shown.filter("select", TELL_INTERLACED)
        out = ffmpeg.output(
            shown.filter("format", known.working_pix_fmt),
            "pipe:1",
            **{"format": "nut", "c:v": "rawvideo", "fps_mode": "passthrough", "enc_time_base": "filter"},
        )
        command: list[str] = ffmpeg.compile(out, cmd=_quiet(binary, level))
        return command

    def encode_command(
        self, known: StreamFormat, binary: str = "ffmpeg", *, overwrite: bool = False, level: str = "error"
    ) -> list[str]:
        """The command that takes the derained frames from stdin as NUT and writes the graph's outputs."""
        # ffmpeg would move the pipe's first frame to time 0, also where sound begins before the picture.
        pipe = ffmpeg.input("pipe:0", format="nut", itsoffset=f"{microseconds(known.start)}us")
        # Differing tags would make the blend convert one side; a differing time base would spoil durations.
        pipe = pipe.filter(
            "setparams",
            range=known.range,
            colorspace=known.matrix,
            color_primaries=known.primaries,
            color_trc=known.transfer,
        ).filter("settb", f"{known.time_base.numerator}/{known.time_base.denominator}")
        above = self._timed(self.upstream).filter("format", known.working_pix_fmt)
        if self.size not in (None, (known.width, known.height)):
            # Only the properties of these frames count: scaling keeps them, but for the aspect ratio.
            above = above.filter("scale", *self.size, flags="neighbor")
            above = above.filter("setsar", known.aspect, max=1 << 16)
        # At opacity 0 "normal" copies the second input's planes, in any depth. Ending with the shorter input
        # keeps a broken pipe from filling the rest with its last frame.
        blended = FilterNode(
            [above, pipe],
            "blend",
            max_inputs=2,
            kwargs={"all_mode": "normal", "all_opacity": 0, "ts_sync_mode": "nearest", "shortest": 1},
        ).stream()
        replaced = rebuild(
            self.output.node, lambda edge: blended if edge.upstream_node == self.node else None
        )
        command: list[str] = ffmpeg.compile(replaced.stream(), cmd=_quiet(binary, level))
        command[-1:-1] = self.words
        return [*command, "-y"] if overwrite else command


def cut(output: Any) -> Cut | None:
    """Cut the graph of an output stream at its DerainNode; None if it has none.

    Raises:
        OptionError: it has several, or one of its inputs is a pipe, which cannot be read twice.
    """
    found = _derained(output.node)
    if not found:
        return None
    if len(found) > 1:
        raise OptionError(
            "two-derains",
            "an ffmpeg graph can be derained in one place only; run the others as graphs of their own",
        )
    for above in nodes_above(output.node):
        if isinstance(above, InputNode) and str(above.kwargs["filename"]).startswith(("pipe:", "fd:", "-")):
            raise OptionError(
                "graph-reads-pipe",
                "a graph that reads a pipe cannot be derained, for its inputs are read twice; "
                "write 'ffmpeg ... | vsrrg pipe | ffmpeg ...' instead",
            )
    node = found.pop()
    return Cut(options=node.options, upstream=_upstream(node), output=output, node=node)


def _upstream(node: DerainNode) -> Any:
    edge = node.incoming_edges[0]
    return edge.upstream_node.stream(label=edge.upstream_label, selector=edge.upstream_selector)


def _derained(node: Any) -> set[DerainNode]:
    return {above for above in nodes_above(node) if isinstance(above, DerainNode)}


def microseconds(seconds: Fraction) -> int:
    """Seconds in ffmpeg's AV_TIME_BASE, rounded as ffmpeg rounds a start time: half away from zero."""
    scaled = abs(seconds) * 1_000_000
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return rounded if seconds >= 0 else -rounded


def _quiet(binary: str, level: str = "error") -> list[str]:
    return [binary, "-nostdin", "-hide_banner", "-v", level, "-nostats", "-progress", "pipe:2"]
