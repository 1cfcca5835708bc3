"""What a job consists of: the files, what workers are asked to do with them, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vsrrg.engine import Options
from vsrrg.ffmpeg.transcode import EncodeOptions


@dataclass(frozen=True)
class Source:
    """A file to derain."""

    path: Path
    target: Path
    folder: Path
    """Where its plan and its pieces are kept until the target is complete."""
    size: int
    """Bytes."""
    changed: int
    """When it was last written to, in nanoseconds."""


@dataclass(frozen=True)
class Job:
    """What all workers need to know."""

    options: Options
    encode: EncodeOptions
    version: str
    """vsrrg's."""
    model: str
    """Hash of the model."""
    piece: int
    """Frames of a piece, at most about so many."""
    remember: bool = False
    """Whether finished targets are noted, to be told from those that were there before."""


@dataclass(frozen=True)
class Look:
    """Make the plan of a file, or read the one that is there."""

    source: Source
    wanted: int
    """Pieces that would suit the number of workers."""


@dataclass(frozen=True)
class Derain:
    """Make a piece of a file."""

    source: Source
    number: int
    effort: int = 0
    """See `vsrrg.pieces.piece.STEPS`."""


@dataclass(frozen=True)
class Join:
    """Make the target from its pieces."""

    source: Source


@dataclass(frozen=True)
class Entire:
    """Make the target at once."""

    source: Source


type Task = Look | Derain | Join | Entire


@dataclass(frozen=True)
class Derained:
    """A piece is there."""

    number: int
    frames: int
    head: str
    """Hash of the frames around its beginning, and its end: those of neighbours must agree."""
    tail: str
    effort: int
    seconds: float
    waited: float
    """Seconds of these before the first frame was decoded."""


@dataclass(frozen=True)
class Looked:
    """How a file is cut."""

    frames: int
    """In all, perhaps estimated; 0 if that is not known."""
    pieces: int
    """How many; 0 where the file stays whole."""
    made: tuple[Derained, ...]
    """Pieces that are there already."""
    seconds: float
    whole: str = ""
    """Why it stays whole."""
    anew: str = ""
    """How what was there from an earlier job differs from this one, where it was of no use."""


@dataclass(frozen=True)
class Done:
    """The target is there."""

    frames: int
    seconds: float
    dropped: tuple[str, ...]
    """What its container could not hold, in words."""
    encoder: str = ""
    notes: tuple[str, ...] = ()
    """What else there is to know, each a sentence without its subject, the target."""


@dataclass(frozen=True)
class Uncut:
    """The file cannot be cut after all."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """It did not work, for a reason in one sentence."""

    reason: str
    again: bool = False
    """Whether another try may help."""
    code: str = "piece-failed"
    """Of the error that it was."""


@dataclass(frozen=True)
class Lost:
    """The worker has gone, or something happened that nobody foresaw."""

    reason: str


type Outcome = Looked | Derained | Done | Uncut | Failed | Lost
