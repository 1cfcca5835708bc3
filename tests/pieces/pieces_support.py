"""Small files to cut, and a job that does its tasks one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from tests.ffmpeg.media import LOSSLESS, clip
from vsrrg import __version__
from vsrrg.engine import Options
from vsrrg.ffmpeg.transcode import EncodeOptions
from vsrrg.pieces.identity import describe, model_hash
from vsrrg.pieces.schedule import Schedule
from vsrrg.pieces.tasks import Job, Outcome, Source, Task
from vsrrg.pieces.worker import Worker

OPEN_GOP = (
    "-c:v",
    "libx264",
    "-g",
    "20",
    "-bf",
    "3",
    "-x264-params",
    "open-gop=1:scenecut=0:b-pyramid=normal",
)
WOBBLE = "settb=1/90000,setpts='(N+0.3*mod(N,3)+if(gt(N,70),7,0))/24/TB'"
"""A filter for a variable frame rate."""
PASS_TIMES = ("-enc_time_base", "1/90000", "-fps_mode", "passthrough")


def long_clip(path: Path, *words: str | Path, filters: str = "null", frames: int = 120) -> Path:
    """A moving picture with sound, with key frames 20 frames apart, B-frames across them, and cuts."""
    cuts = f"hue=h='90*floor(n/35)':s='1-0.9*mod(floor(n/35),2)',negate=enable='gte(mod(n,70),35)',{filters}"
    return clip(path, *(words or OPEN_GOP), frames=frames, filters=cuts, sound=True)


def make_job(words: str = LOSSLESS, piece: int = 40, model: str = "consensus", **options: Any) -> Job:
    """A job, of one thread."""
    chosen = Options(model=model, device="cpu", **options)
    encode = EncodeOptions(ffmpeg_args=words, threads=1)
    return Job(chosen, encode, __version__, model_hash(model), piece)


def source_of(path: Path, out: Path, suffix: str = ".mkv") -> Source:
    """A file as a part of a job whose outputs go into a folder."""
    out.mkdir(exist_ok=True)
    return describe(path, out / f"{path.stem}{suffix}")


@dataclass
class Record:
    """What was done."""

    schedule: Schedule
    tasks: list[tuple[Task, Outcome]]

    def of_kind(self, kind: type[Task]) -> list[tuple[Any, Any]]:
        return [(task, outcome) for task, outcome in self.tasks if isinstance(task, kind)]


def do_all(job: Job, sources: Sequence[Source], wanted: int = 1) -> Record:
    """Does all tasks of a job in this process."""
    schedule, worker = Schedule(sources, wanted), Worker(job)
    tasks = []
    while not schedule.finished:
        task = schedule.next()
        assert task is not None
        outcome = worker.do(task)
        schedule.take(task, outcome)
        tasks.append((task, outcome))
    return Record(schedule, tasks)


def contents(path: Path) -> tuple[list[Any], dict[int, list[tuple[Any, ...]]]]:
    """All that a demuxer tells: of the file and its streams, and of their packets, the video's sizes and
    positions left out.
    """
    with av.open(f"file:{path}") as container:
        streams: list[Any] = [(container.start_time, container.duration, dict(container.metadata))]
        streams += [container.chapters()]
        for stream in container.streams:
            context = stream.codec_context
            streams.append((stream.type, stream.time_base, stream.start_time, stream.duration))
            streams.append((dict(stream.metadata), str(stream.disposition), context.name if context else ""))
            if isinstance(stream, av.VideoStream):
                streams.append((stream.average_rate, stream.sample_aspect_ratio, context.pix_fmt))
        packets: dict[int, list[tuple[Any, ...]]] = {}
        for packet in container.demux():
            if packet.size:
                size = packet.size if packet.stream.type != "video" else 0
                packets.setdefault(packet.stream.index, []).append(
                    (packet.pts, packet.dts, packet.duration, size)
                )
    return streams, packets
