"""Registers the ffmpeg adapter through the public hooks."""

from __future__ import annotations

import sys

from vsrrg.ffmpeg import derain
from vsrrg.hooks import API_VERSION, HostAdapter, hookimpl

vsrrg_api = API_VERSION


def _accepts(source: object) -> bool:
    nodes = sys.modules.get("ffmpeg.nodes")  # nobody holds a stream of a module that is not loaded
    return nodes is not None and isinstance(source, nodes.FilterableStream)


@hookimpl
def vsrrg_adapters() -> list[HostAdapter]:
    return [
        HostAdapter(
            name="ffmpeg",
            description="a video stream of ffmpeg-python",
            accepts=_accepts,
            derain=derain,
        )
    ]
