"""What lies in a folder of pieces: the plan with its index, and what is known of a piece and of the job."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path

from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.pieces import folder
from vsrrg.pieces.index import Index, Key
from vsrrg.pieces.plan import Plan
from vsrrg.pieces.tasks import Source


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="vsrrg-")


@cache
def _source() -> Source:
    place = Path(_folder().name)
    (place / "00000.mkv").write_bytes(b"a piece")
    return Source(place / "rain.mkv", place / "clean.mkv", place, 1, 1)


def target(data: bytes) -> None:
    """Nothing may be raised: what cannot be read is not there, and what is read can be used."""
    source = _source()
    for name in ("plan.json", "00000.json", "job.json", "whole"):
        (source.folder / name).write_bytes(data)
    plan = folder.find_plan(source)
    if plan is not None:
        for piece in plan.pieces[:3]:
            plan.decoded(piece)
            plan.seam(piece.start)
        plan.index.key_before(0, 1)
        plan.to_json()
    made = folder.find_made(source, 0)
    if made is not None:
        sorted(made.order)
        made.seconds + made.frames
    folder.belongs_to(source, {"version": "1", "model": "", "options": {}, "input": []})
    folder.find_whole_reason(source)


def warm_up() -> None:
    """Imports all that is imported late."""
    for seed in seeds():
        target(seed)


def seeds() -> list[bytes]:
    """A plan, a piece and a job as they are written."""
    known = StreamFormat(64, 48, "yuv420p", Fraction(1, 24))
    index = Index(Fraction(1, 24), 0, tuple(range(20)), (Key(0, 0), Key(10, 10)))
    return [
        Plan(known, index, (0, 10), 2).to_json().encode(),
        b'{"frames": 2, "order": [0, 1], "head": "", "tail": "a", "effort": 0, "seconds": 1, "waited": 0}',
        b'{"version": "1", "model": "a", "options": {"crf": null}, "input": ["a", 1, 2]}',
        b'{"known": {"time_base": "1/0", "start": "0"}, "index": {"keys": []}}',
        b"[" * 3000,
        b"\xff\xfe",
    ]
