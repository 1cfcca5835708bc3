"""Sources whose pictures change their size or format on the way, held to those of the first picture.

Where a source changes, ffmpeg builds its filters anew and scales what comes out to what came before. The
pictures that wait in the filters at that moment are lost, and the two inputs of a blend go apart. So ffmpeg
is told to leave the filters alone, and the same scaling is the first of them: it gives the same samples, and
does nothing to pictures like the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from ffmpeg.nodes import FilterNode, InputNode

from vsrrg.ffmpeg.rebuild import rebuild

_CHANGE = re.compile(
    r"filter context - w: (\d{1,9}) h: (\d{1,9}) .*, incoming frame - w: (\d{1,9}) h: (\d{1,9}) "
    r".*pts_time: (-?\d{1,12}(?:\.\d{1,9})?)"
)
_LEFT_ALONE = ("reinit_filter", "hwaccel_output_format")
"""Options of inputs whose makers decide about changes themselves, or whose frames `scale` cannot touch."""


@dataclass(frozen=True)
class Change:
    """The first place where the pictures of a source are no more like those before."""

    seconds: Fraction
    size: bool
    """Whether their size changes; else it is the pixel format, the matrix or the range."""


class Hold(FilterNode):  # type: ignore[misc]
    """Makes all frames like the first one."""

    def __init__(self, stream: Any, number: int) -> None:
        # ffmpeg-python takes nodes of one stream that have the same arguments for one node.
        super().__init__(stream, "scale", kwargs={"number": number})

    def _get_filter(self, outgoing_edges: Any) -> str:
        return "scale"


def hold(node: Any) -> Any:
    """The graph down to a node of ffmpeg-python, with all video held that comes from inputs into filters."""
    held: dict[Any, Any] = {}

    def replaced(edge: Any) -> Any | None:
        source = edge.upstream_node
        if not isinstance(source, InputNode) or _is_left_alone(source):
            return None
        options = source.kwargs | {"reinit_filter:v": 0}
        stream = InputNode(source.name, source.args, options).stream(selector=edge.upstream_selector)
        if not _takes_video(edge):
            return stream
        return held.setdefault(edge, Hold(stream, len(held)).stream())

    return rebuild(node, replaced)


def read_change(line: str) -> Change | None:
    """The change that a line of ffmpeg's messages tells of; None if it tells of something else."""
    match = _CHANGE.search(line)
    if match is None:
        return None
    return Change(Fraction(match[5]), match.group(1, 2) != match.group(3, 4))


def _is_left_alone(source: Any) -> bool:
    return any(name.partition(":")[0] in _LEFT_ALONE for name in source.kwargs)


def _takes_video(edge: Any) -> bool:
    """Whether an edge leads into a filter, and brings it video."""
    if not isinstance(edge.downstream_node, FilterNode):
        return False
    selector = str(edge.upstream_selector or "")
    if selector[:1] in ("v", "V", "a"):
        return selector[0] != "a"
    try:
        known = av.filter.Filter(edge.downstream_node.name)
    except ValueError:
        return type(edge.downstream_node) is not FilterNode  # one of vsrrg's own
    # Filters of any number of inputs have none by themselves, but what they give is what they take.
    return {pad.type for pad in known.inputs or known.outputs or ()} == {"video"}
