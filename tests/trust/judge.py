"""Says of a file whether vsrrg did right by it: all frames that ffmpeg decodes from it, or one clear error.

What ffmpeg decodes is what it counts when it writes the same stream, every decoded frame once and at its own
time, to nowhere: frames that a decoder gives in spite of damage count, those that it gives up do not.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from vsrrg.engine import Derainer
from vsrrg.errors import VsrrgError
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.probe import file_url, open_media, probe
from vsrrg.ffmpeg.transcode import EncodeOptions, derain_file

LIMIT = 60
"""Seconds after which a job hangs."""
LONGEST = 600
"""Characters of an error's sentence."""


class Wrong(AssertionError):
    """vsrrg did not do right by a file; the message says how."""


class Hung(BaseException):
    """A job took too long; no handler of errors may take it for one."""


@dataclass(frozen=True)
class Verdict:
    """What became of a file that was done right by."""

    code: str
    """Of the error; "" where the output is whole."""
    sentence: str = ""
    frames: int = 0
    seconds: float = 0.0


def judge(
    source: Path, work: Path, derainer: Derainer, suffix: str = ".mkv", encoder: str = "ffv1"
) -> Verdict:
    """Derain a file with an open engine, in a new folder `work` that is gone in the end.

    Raises:
        Wrong: something else came of it than a whole output or one clear error with nothing left behind.
    """
    shutil.rmtree(work, ignore_errors=True)
    target, temporary = work / f"out{suffix}", work / "tmp"
    temporary.mkdir(parents=True)
    encode = EncodeOptions(encoder=encoder)
    before, tempfile.tempdir = tempfile.tempdir, str(temporary)
    began = time.monotonic()
    verdict, count = Verdict(""), 0
    try:
        with limited(LIMIT):
            count = derain_file(source, target, None, encode, derainer=derainer).frames
    except VsrrgError as error:
        verdict = Verdict(error.code, _clear(str(error)))
    except Hung:
        raise Wrong(f"no end within {LIMIT} s") from None
    except BaseException as error:
        raise Wrong(f"unexpected {type(error).__name__}: {error}") from error
    finally:
        tempfile.tempdir = before
    seconds = time.monotonic() - began
    left = sorted(path.name for path in [*temporary.iterdir(), *work.iterdir()])
    left.remove("tmp")
    if _children():
        raise Wrong(f"processes left behind: {_children()}")
    if verdict.code:
        if left:
            raise Wrong(f"{verdict.sentence!r}, but {left} left behind")
        shutil.rmtree(work)
        return Verdict(verdict.code, verdict.sentence, 0, seconds)
    if left != [target.name]:
        raise Wrong(f"{left} left behind")
    written = packets(target)
    shutil.rmtree(work)
    decoded, _ = decodes(source)
    if not count == written == decoded:
        raise Wrong(f"ffmpeg decodes {decoded} frames, {count} were derained, {written} written")
    return Verdict("", "", count, seconds)


def decodes(source: Path) -> tuple[int, int]:
    """Frames that ffmpeg decodes of the stream that vsrrg derains, and its exit code."""
    command = [
        *(find_ffmpeg(), "-nostdin", "-v", "quiet", "-nostats", "-progress", "pipe:1", "-noautorotate"),
        *("-i", file_url(source), "-map", f"0:{probe(source).video.index}"),
        *("-fps_mode", "passthrough", "-f", "null", "-"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    counts = re.findall(r"^frame=\s*(\d+)", run.stdout, re.MULTILINE)
    return (int(counts[-1]) if counts else 0), run.returncode


def packets(path: Path) -> int:
    """Frames stored in a file that vsrrg wrote."""
    with open_media(path) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def most_memory() -> int:
    """Bytes that the largest of the processes that were started has had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raises Hung in the main thread after so long; where that is no help, ends the process with a trace."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    faulthandler.dump_traceback_later(2 * seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def _clear(sentence: str) -> str:
    if not sentence.strip() or "\n" in sentence or len(sentence) > LONGEST or "Traceback" in sentence:
        raise Wrong(f"the error is no clear sentence: {sentence!r}")
    return sentence


def _children() -> list[str]:
    """Names of the processes of ffmpeg that were started and still run."""
    names = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # It has ended meanwhile.
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            if fields["PPid"] == str(os.getpid()) and fields["Name"].startswith("ffmpeg"):
                names.append(fields["Name"])
    return names
