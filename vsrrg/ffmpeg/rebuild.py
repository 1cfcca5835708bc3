"""Graphs of ffmpeg-python with other streams in them: nodes cannot change, so those below are made anew."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ffmpeg.nodes import FilterNode, GlobalNode, MergeOutputsNode, OutputNode, Stream


def nodes_above(node: Any) -> list[Any]:
    """The node and all that lead to it, each once."""
    seen = [node]
    for above in seen:
        seen += [edge.upstream_node for edge in above.incoming_edges if edge.upstream_node not in seen]
    return seen


def rebuild(node: Any, replaced: Callable[[Any], Any | None], done: dict[Any, Any] | None = None) -> Any:
    """The same graph down to `node`, with other streams on some edges; the given graph is left as it is.

    Args:
        replaced: the stream in place of the one that comes along an edge; None for the same, rebuilt.
        done: nodes that are rebuilt already.
    """
    done = {} if done is None else done
    if not node.incoming_edges:
        return node
    if node not in done:
        streams: dict[Any, Stream] = {}
        for edge in node.incoming_edges:
            stream = replaced(edge)
            if stream is None:
                above = rebuild(edge.upstream_node, replaced, done)
                stream = above.stream(label=edge.upstream_label, selector=edge.upstream_selector)
            streams[edge.downstream_label] = stream
        rebuilt = copy.copy(node)
        if isinstance(node, MergeOutputsNode):
            MergeOutputsNode.__init__(rebuilt, streams, node.name)
        elif isinstance(node, FilterNode):
            FilterNode.__init__(rebuilt, streams, node.name, None, node.args, node.kwargs)
        else:
            kind = OutputNode if isinstance(node, OutputNode) else GlobalNode
            kind.__init__(rebuilt, streams, node.name, node.args, node.kwargs)
        done[node] = rebuilt
    return done[node]
