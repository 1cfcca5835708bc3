"""One piece of a file: its frames and those around it are decoded, its own are derained and encoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import ffmpeg
import numpy as np

from vsrrg.engine import Options
from vsrrg.errors import MediaError
from vsrrg.ffmpeg.graph import Cut, DerainNode, cut
from vsrrg.ffmpeg.probe import file_url, open_media
from vsrrg.ffmpeg.run import RunAgainError, run_once
from vsrrg.ffmpeg.transcode import Prepared, input_options
from vsrrg.pieces.index import Whole
from vsrrg.pieces.plan import Piece, Plan
from vsrrg.video.frame import Frame, Work

STEPS = (0, 1, 4, None)
"""Keys before the nearest one at which decoding begins: one after another, where frames come out wrong; None
is the beginning of the file.
"""


class Mismatch(Exception):
    """What was decoded is not what the plan says, wherever decoding begins; the message says where."""


@dataclass(frozen=True)
class Made:
    """A piece that was made."""

    frames: int
    order: tuple[int, ...]
    """For each packet, as stored, which frame of the piece it is."""
    head: str
    """Hash of the source's frames around the piece's begin; "" where that is the file's."""
    tail: str
    """The same at its end: the head of the next piece."""
    effort: int
    """Place in `STEPS` of where decoding began."""
    seconds: float
    waited: float
    """Seconds before the first frame was there."""


def derain_piece(
    job: Prepared,
    plan: Plan,
    piece: Piece,
    target: Path,
    options: Options,
    work: Work,
    *,
    threads: int | None = None,
    effort: int = 0,
    done: Callable[[int], None] | None = None,
) -> Made:
    """Write the derained frames of a piece to a file of the kind that the whole job will make.

    Args:
        work: derains frames, with windows of no more than `plan.context` frames on either side.
        effort: place in `STEPS` from which on to try; a piece whose head is not its neighbour's tail was
            decoded from too late a place.
        done: told the number of frames after each.

    Raises:
        Mismatch: the file cannot be cut here.
        Whole: the file cannot be cut at all.
        MediaError: a process failed.
    """
    while True:
        try:
            return _attempt(job, plan, piece, target, options, work, threads, effort, done)
        except Mismatch:
            effort += 1
            if effort == len(STEPS):
                raise


def _attempt(
    job: Prepared,
    plan: Plan,
    piece: Piece,
    target: Path,
    options: Options,
    work: Work,
    threads: int | None,
    effort: int,
    done: Callable[[int], None] | None,
) -> Made:
    began = monotonic()
    witness = Witness(plan, piece)
    lead = piece.start - witness.frames.start
    count = piece.stop - piece.start
    try:
        result = run_once(
            _graph(job, plan, piece, target, options, threads, effort),
            # The times are the file's own, so nothing has to be moved to where the first frame was.
            replace(job.known, start=Fraction(0)),
            lambda frames: islice(job.shown(work)(frames), lead, lead + count),
            job.binary,
            source=repr(str(job.media.path)),
            target=f"a piece of {str(job.media.path)!r}",
            overwrite=True,
            done=done,
            seen=witness,
        )
    except RunAgainError as error:
        raise Whole("its pictures change on the way, or two are of one time") from error
    except MediaError as error:
        if witness.first is None:
            raise Mismatch(str(error)) from error
        raise
    if result.interlaced:
        raise Whole("some of its pictures are interlaced")
    if witness.next != witness.frames.stop or result.frames != count:
        raise Mismatch(f"frames after {witness.next} are missing")
    order = _order(target)
    if len(order) != count:
        raise Mismatch(f"{count} frames became {len(order)}")
    seconds = monotonic() - began
    head, tail = witness.digests
    waited = (witness.first or began) - began
    return Made(count, order, head, tail, effort, seconds, waited)


class Witness:
    """Sees the decoded frames of a piece: are they those of the plan, and what do they show at its ends?"""

    def __init__(self, plan: Plan, piece: Piece) -> None:
        self.frames = plan.decoded(piece)
        self.next = self.frames.start
        """Number of the frame to come."""
        self.first: float | None = None
        """When the first frame came, on the monotonic clock."""
        self._index = plan.index
        head = plan.seam(piece.start) if piece.start else range(0)
        tail = plan.seam(piece.stop) if piece.stop < plan.frames else range(0)
        self._seams = [(seam, blake2b(digest_size=16)) for seam in (head, tail)]

    def __call__(self, frame: Frame, unit: Fraction) -> None:
        """Take a frame, its pts in `unit` seconds; raises Mismatch if another one was expected."""
        if self.next == self.frames.stop:
            raise Mismatch(f"frame {self.next} was not asked for")
        expected = self._index.times[self.next] * self._index.time_base
        if frame.pts is None or frame.pts * unit != expected:
            raise Mismatch(f"frame {self.next} is at another time")
        for seam, digest in self._seams:
            if self.next in seam:
                for plane in frame.planes:
                    digest.update(np.ascontiguousarray(plane))
        if self.first is None:
            self.first = monotonic()
        self.next += 1

    @property
    def digests(self) -> tuple[str, str]:
        """Of the frames around the two ends; "" where the file ends."""
        head, tail = (digest.hexdigest() if seam else "" for seam, digest in self._seams)
        return head, tail


def _graph(
    job: Prepared,
    plan: Plan,
    piece: Piece,
    target: Path,
    options: Options,
    threads: int | None,
    effort: int,
) -> Cut:
    """The job's graph, read from a key on and trimmed to the piece."""
    index, around = plan.index, plan.decoded(piece)
    reading: dict[str, Any] = {"copyts": None, "itsoffset": f"{index.offset}us"}
    steps = STEPS[effort]
    key = None if steps is None else index.key_before(around.start, steps)
    if key is not None:
        place = round(key.seek * index.time_base * 1_000_000)
        reading |= {"noaccurate_seek": None, "seek_timestamp": 1, "ss": f"{place}us"}
    source = ffmpeg.input(file_url(job.media.path), **input_options(job.media, threads), **reading)

    def shown(frames: range) -> Any:
        first, last = index.times[frames.start], index.times[frames.stop - 1]
        return source[str(job.media.video.index)].filter("trim", start_pts=first, end_pts=last + 1)

    derained = DerainNode(shown(range(piece.start, piece.stop)), options).stream()
    # What the muxer is told of the encoder goes from the pieces into the target.
    muxing = {"fflags": job.carried.options["fflags"]}
    graph = cut(ffmpeg.output(derained, file_url(target), **muxing, **job.settings))
    assert graph is not None
    return replace(graph, around=shown(around), words=job.words, size=job.size)


def _order(path: Path) -> tuple[int, ...]:
    """For each packet of a piece, as stored, its place in the order of presentation."""

    with open_media(path) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.size]
    places = {time: place for place, time in enumerate(sorted(time for time in times if time is not None))}
    return tuple(places[time] for time in times if time in places) if len(places) == len(times) else ()
