"""What is measured, and what came of it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vsrrg.engine.budget import readable
from vsrrg.models.descriptor import Precision

type Kind = Literal["network", "min-median", "tmedian"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of the table: a way to derain at one size in one format."""

    kind: Kind
    """A network, or one of the two baselines that need none."""
    width: int
    height: int
    format: str
    """Name of the `PixelFormat`."""
    model: str
    """Name or weight file; the baseline's name for a baseline."""
    backend: str
    """What runs it: a backend, "numpy" or "ffmpeg"."""
    device: str
    """"cpu", "cuda" or "cuda:1"."""
    precision: Precision | None = None
    """None takes what the device does fast and the model bears."""
    threads: int | None = None
    """Compute threads on the CPU; None leaves it to torch and ffmpeg."""
    max_memory: int | None = None
    """Bytes that the engine may take for frames and the work on them; None leaves it to the engine."""
    lookahead: int | None = None
    """Frames of the future that are looked at; None looks at as many as the model sees."""

    @property
    def size(self) -> str:
        """Width and height as users write them."""
        return f"{self.width}x{self.height}"

    @property
    def settings(self) -> tuple[str, ...]:
        """What was chosen beside backend and precision, in words: "2.0G", "lookahead 0"."""
        budget = None if self.max_memory is None else readable(self.max_memory)
        ahead = None if self.lookahead is None else f"lookahead {self.lookahead}"
        return tuple(filter(None, (budget, ahead)))


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to measure, and on what."""

    repeats: int = 5
    """Timed passes."""
    frames: int | None = None
    """Frames of a pass; None takes as many as last about `seconds`, within `LEAST` and `MOST`."""
    seconds: float = 1.0
    video: Path | None = None
    """The footage; None takes the built-in one."""


LEAST, MOST = 8, 96
"""Frames of a pass: enough to fill every window, and no more than fit into memory."""


@dataclass(frozen=True)
class Spread:
    """A figure from several passes. Raises ValueError unless there are some, all above 0."""

    values: tuple[float, ...]
    """One a pass, in order."""

    def __post_init__(self) -> None:
        if not self.values or not all(value > 0 for value in self.values):
            raise ValueError(f"figures must be above 0, not {self.values}")

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper one, interpolated; both the value itself where there is but one."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def over(self, other: Spread) -> Spread:
        """Pass by pass, this divided by the other."""
        return Spread(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the hardware did at its best beside the case, with the same device, precision and threads."""

    matrix: float
    """Floating point operations a second of a large matrix product."""
    copy: float
    """Bytes a second copied in main memory."""
    device_copy: float | None = None
    """Bytes a second copied in the accelerator's memory."""
    upload: float | None = None
    """Bytes a second from pinned main memory to the accelerator."""
    download: float | None = None
    """Bytes a second from the accelerator to pinned main memory."""

    def __post_init__(self) -> None:
        if not all(rate is None or rate > 0 for rate in vars(self).values()):
            raise ValueError(f"rates must be above 0: {self}")

    def least_seconds(self, flops: float, frame_bytes: int) -> tuple[float, Literal["matrix", "copy"]]:
        """The shortest time a frame can take here, and what sets it.

        Arithmetic and transport may overlap, and so may both directions of transport: the slowest counts.
        """
        paths = [self.copy] if self.upload is None or self.download is None else [self.upload, self.download]
        arithmetic, transport = flops / self.matrix, frame_bytes / min(paths)
        return (arithmetic, "matrix") if arithmetic >= transport else (transport, "copy")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A case that could not be measured."""

    case: Case
    reason: str
    """One sentence."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured of a case. Times are host to host: from planes in main memory to such."""

    case: Case
    frames: int
    """Frames of a pass."""
    seconds: Spread
    """Seconds a frame: those of a whole pass over its frames."""
    start: float
    """Seconds from opening the model to the first frame that is ready, in a fresh process."""
    latency: Spread
    """Seconds from giving the first frame to getting it back, once all is warm."""
    peak_ram: int
    """Bytes of main memory of the process at its peak, without the footage."""
    peak_vram: int | None = None
    """Bytes of the accelerator's memory that torch held at its peak."""
    precision: Precision | None = None
    """What the network computed in."""
    threads: int | None = None
    """Compute threads that were used on the CPU."""
    stages: Mapping[str, float] = field(default_factory=dict)
    """Seconds a frame by stage, in the order of the pipeline; "rest" is what no stage accounts for."""
    reference: Spread | None = None
    """Seconds of the reference stack, run before each pass."""
    min_median: Spread | None = None
    """Seconds a frame of numpy's min(input, median of 3), run before each pass."""
    limits: Limits | None = None
    flops: float | None = None
    """Floating point operations of the network for one frame; a multiply-add counts as two."""
    frame_bytes: int = 0
    """Bytes of one frame in its format."""
    notes: tuple[str, ...] = ()
    """Warnings of the engine, such as that a kernel did not compile."""

    @property
    def fps(self) -> float:
        """Frames a second, of the median pass."""
        return 1 / self.seconds.median

    @property
    def limit_share(self) -> tuple[float, Literal["matrix", "copy"]] | None:
        """The shortest time a frame can take over that it takes, and what sets the limit."""
        if self.limits is None or self.flops is None:
            return None
        least, bound = self.limits.least_seconds(self.flops, self.frame_bytes)
        return least / self.seconds.median, bound


@dataclass(frozen=True, kw_only=True)
class AdapterResult:
    """Seconds a frame of one case through the adapters, beside what they are made of, by turns."""

    case: Case
    frames: int
    engine: Spread
    vapoursynth: Spread | None = None
    derain: Spread | None = None
    """`vsrrg derain` on a file; None where no file of this format can be written."""
    transcode: Spread | None = None
    """ffmpeg's own decoding and encoding of that file, with the same encoder and settings."""
    decode: Spread | None = None
    """ffmpeg's decoding alone."""
    encode: Spread | None = None
    """ffmpeg's encoding alone, of raw frames from a pipe."""
    encoder: str = ""
    notes: tuple[str, ...] = ()

    @property
    def vapoursynth_share(self) -> Spread | None:
        """Its fps over the engine's."""
        return None if self.vapoursynth is None else self.engine.over(self.vapoursynth)

    @property
    def derain_share(self) -> Spread | None:
        """Its fps over the lesser of the engine's and ffmpeg's own."""
        if self.derain is None or self.transcode is None:
            return None
        slower = map(max, self.engine.values, self.transcode.values)
        return Spread(tuple(slower)).over(self.derain)

    @property
    def derain_overlap(self) -> Spread | None:
        """The time of the engine and ffmpeg one after the other, over its time: above 1 they overlap."""
        if self.derain is None or self.transcode is None:
            return None
        both = (a + b for a, b in zip(self.engine.values, self.transcode.values, strict=True))
        return Spread(tuple(both)).over(self.derain)
