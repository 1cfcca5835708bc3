"""Where the frames of a file lie in time and where decoding can begin, read from its packets alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

from vsrrg.ffmpeg.graph import microseconds
from vsrrg.ffmpeg.inspection import StreamFormat
from vsrrg.ffmpeg.probe import Media, open_media

_TIMES_JUMP = 0x0200
"""libavformat's AVFMT_TS_DISCONT."""
_SEEKS_BY_PTS = 0x4000000
"""libavformat's AVFMT_SEEK_TO_PTS."""
_JUMP = 10
"""Seconds between two packets from which ffmpeg takes it for a jump of the clock, which it then mends."""
_EARLY = Fraction(3, 23)
"""Seconds by which ffmpeg seeks too early where frames are reordered and the container is sought by dts."""


class Whole(Exception):
    """The file cannot be cut; the message says why."""


@dataclass(frozen=True)
class Key:
    """A frame from which on, in order of presentation, everything can be decoded."""

    frame: int
    """Its number, or that of the next frame that is shown."""
    seek: int
    """Where to seek for it, in ticks of the file's own time."""


@dataclass(frozen=True)
class Index:
    """The frames of a video stream, in order of presentation."""

    time_base: Fraction
    """Length of a tick in seconds."""
    offset: int
    """Microseconds that a job adds to all times of the file, so that the first of its streams begins at 0."""
    times: tuple[int, ...]
    """When each frame is shown, in ticks, with the offset: the times that the output has."""
    keys: tuple[Key, ...]

    def key_before(self, frame: int, steps: int) -> Key | None:
        """The last key at or before a frame, or one so many steps earlier; None for the file's beginning."""
        last = bisect_right(self.keys, frame, key=lambda key: key.frame) - 1 - steps
        return self.keys[last] if last > 0 else None


@dataclass(frozen=True)
class Packet:
    """What counts of a packet here, in ticks."""

    pts: int | None
    dts: int | None
    key: bool
    shown: bool


def read_index(media: Media, used: Iterable[str], known: StreamFormat) -> Index:
    """Read all of a file's video packets.

    Args:
        used: the streams, by their number in the file, that the job reads beside the video.
        known: the frames as ffmpeg decodes them.

    Raises:
        Whole: times or keys are not certain enough for cutting.
    """
    import av

    try:
        with open_media(media.path) as container:
            stream = container.streams[media.video.index]
            unit = stream.time_base
            assert unit is not None
            time_base = Fraction(unit.numerator, unit.denominator)
            if time_base != known.time_base:
                raise Whole("its frames have another clock than its packets")
            streams = [stream, *(container.streams[int(index)] for index in used)]
            offset = -_start(container, streams)
            packets = [
                Packet(packet.pts, packet.dts, packet.is_keyframe, not packet.is_discard)
                for packet in container.demux(stream)
                if packet.size
            ]
            flags = container.format.flags
    except av.FFmpegError as error:
        raise Whole(f"its packets cannot be read to the end: {error.strerror}") from error
    if flags & _TIMES_JUMP:
        _check_clock(packets, time_base)
        return index_packets(packets, time_base, offset, known.start)
    return index_packets(packets, time_base, offset, known.start, late=_late(packets, flags) / time_base)


def index_packets(
    packets: Sequence[Packet],
    time_base: Fraction,
    offset: int,
    first: Fraction,
    late: Fraction | None = None,
) -> Index:
    """The index of packets in their stored order.

    Args:
        offset: microseconds to add to all times.
        first: seconds at which ffmpeg shows the first frame; what comes before is not decoded.
        late: ticks after a key to tell ffmpeg when it shall seek that key; None to seek by dts, without an
            index of keys: then nothing after the key must be told.

    Raises:
        Whole: see `read_index`.
    """
    shift = _ticks(offset, time_base)
    shown = sorted(packet.pts for packet in packets if packet.pts is not None and packet.shown)
    if len(shown) < sum(packet.shown for packet in packets):
        raise Whole("it has frames without a time")
    begin = first / time_base - shift
    shown = shown[bisect_left(shown, begin) :]
    if not shown or shown[0] != begin:
        raise Whole("its first frame is not where its packets say")
    if any(a == b for a, b in pairwise(shown)):
        raise Whole("it has two frames of one time")
    found = sorted(
        (packet.pts, packet.pts if packet.dts is None else min(packet.pts, packet.dts))
        for packet in packets
        if packet.key and packet.pts is not None
    )
    keys = []
    for (pts, decoded), (_, following) in zip(found, [*found[1:], (0, 2**63)], strict=True):
        # Never so late that the next key would be found instead.
        seek = decoded if late is None else min(pts + ceil(late), following - 1)
        keys.append(Key(bisect_left(shown, pts), seek))
    return Index(time_base, offset, tuple(time + shift for time in shown), tuple(keys))


def _start(container: Any, streams: Sequence[Any]) -> int:
    """Microseconds at which ffmpeg lets a file begin; where clocks jump, the first of the streams in use."""
    start: int | None = container.start_time
    if start is None:
        return 0
    begins = [
        microseconds(stream.start_time * Fraction(stream.time_base.numerator, stream.time_base.denominator))
        for stream in streams
        if stream.start_time is not None and stream.time_base
    ]
    return min(begins, default=start) if container.format.flags & _TIMES_JUMP else start


def _late(packets: Sequence[Packet], flags: int) -> Fraction:
    """Seconds that ffmpeg takes off the place it is told to seek."""
    reordered = any(packet.pts != packet.dts for packet in packets)
    return _EARLY if reordered and not flags & _SEEKS_BY_PTS else Fraction(0)


def _ticks(micro: int, time_base: Fraction) -> int:
    """Microseconds in ticks, rounded as ffmpeg rounds them: half away from zero."""
    return microseconds(Fraction(micro, 1_000_000) / time_base / 1_000_000)


def _check_clock(packets: Sequence[Packet], time_base: Fraction) -> None:
    clock = [packet.dts for packet in packets if packet.dts is not None]
    steps = ((b - a) * time_base for a, b in pairwise(clock))
    if any(not 0 <= step < _JUMP for step in steps):
        raise Whole("its clock jumps")
