"""Child processes that cannot block on their own messages: ffmpeg runs with its stderr drained."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import takewhile
from types import TracebackType
from typing import IO

from vsrrg.ffmpeg.hold import Change, read_change
from vsrrg.guard import guarded_process

log = logging.getLogger(__name__)

_PROGRESS = re.compile(
    r"(frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)=(.*)"
)
_CONTEXT = re.compile(r"^(\[[^\]]* @ 0x[0-9a-f]+\] ?)+")
_CONSEQUENCE = re.compile(
    r"^Error : |Error reinitializing filters|Failed to configure (in|out)put pad"
    r"|Error opening (in|out)put file|Error selecting an encoder|Error while opening encoder"
    r"|Error sending frames|Error submitting a packet|Error muxing a packet|Task finished with error"
    r"|Terminating thread|Could not open encoder"
    r"|Nothing was written|Conversion failed"
    r"|Error splitting the argument list|Error applying encoder options|Error parsing options"
    r"|Error parsing a filter"
)
"""Lines in which ffmpeg tells only that something else went wrong before."""
_NOISE = re.compile(r"Last message repeated|Qavg:|x26[45] \[(info|warning)\]|Exiting\.\.\.")
"""Lines that say nothing of what went wrong."""
LEVELS = "level+info"
"""ffmpeg's `-v` for a child that shall tell what it notices from errors."""
TELL_INTERLACED = "if(interlace_type,1+0*print(t,32),1)"
"""For ffmpeg's filter `select`: takes all pictures, and tells the times of those that are interlaced."""
_MOVED = re.compile(r"Non-monoton(ic|ous) DTS")
_REBUILT = re.compile(r"Reconfiguring filter graph because video")
_INTERLACED = re.compile(r"^\[Eval @ .*\] (-?\d{1,12}\.\d{1,9}|nan)$")
_LEVEL = re.compile(r"(?<!\S)\[(fatal|error|warning|info)\] ")


def telling_line(lines: Iterable[str]) -> str:
    """The line of ffmpeg's messages that says best what went wrong, without its "[context @ address]"."""
    cleaned = [_CONTEXT.sub("", line).strip() for line in lines]
    cleaned = [line for line in cleaned if line and not _NOISE.search(line)]
    # A decoder may go on to complain while the rest is being ended.
    before = list(takewhile(lambda line: not _CONSEQUENCE.search(line), cleaned))
    telling = before or [line for line in cleaned if not _CONSEQUENCE.search(line)]
    causes = [line for line in telling if not line.startswith("Could not write header")]
    return (causes or telling or cleaned or ["no message"])[-1].rstrip(".: ")


class Child:
    """A child process with a bounded memory of its stderr; leaving the `with` block ends it in any case."""

    def __init__(
        self, command: Sequence[str], *, stdin: int | None = None, stdout: int | None = None
    ) -> None:
        """Start the command; raises OSError if there is no such program."""
        self.frames: int | None = None
        """Frames that ffmpeg has counted, if it was asked for `-progress pipe:2`."""
        self.change: Change | None = None
        """The first change of the pictures on the way that ffmpeg tells of, if it was asked for `LEVELS`."""
        self.rebuilt = False
        """Whether ffmpeg told, if it was asked for `LEVELS`, that it built filters anew for its pictures."""
        self.moved = False
        """Whether ffmpeg told, if it was asked for `LEVELS`, that it moved packets that were not later than
        those before."""
        self.interlaced: list[float] = []
        """Seconds of the interlaced pictures, if it was asked for `LEVELS` and `TELL_INTERLACED`."""
        self.trouble: str | None = None
        """The first error that ffmpeg tells of, if it was asked for `LEVELS`; it may have gone on."""
        self._tail: deque[str] = deque(maxlen=40)
        log.debug("run: %s", shlex.join(command))
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.PIPE,
            # Reads must return what there is, not wait for a full buffer; ^C is for this process to handle.
            bufsize=0,
            process_group=0,
        )
        self._guarded = ExitStack()
        self._guarded.enter_context(guarded_process(self._process.pid))
        self._drain = threading.Thread(target=self._read_stderr, daemon=True, name="ffmpeg-stderr")
        self._drain.start()

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        with os.fdopen(os.dup(self._process.stderr.fileno()), "r", errors="replace") as lines:
            for line in lines:
                progress = _PROGRESS.fullmatch(line.strip())
                level = _LEVEL.search(line)
                if level is not None and level[1] in ("warning", "info"):
                    self.change = self.change or read_change(line)
                    self.rebuilt = self.rebuilt or _REBUILT.search(line) is not None
                    if seconds := _INTERLACED.match(line):
                        self.interlaced.append(float(seconds[1]))
                    self.moved = self.moved or _MOVED.search(line) is not None
                elif progress is None:
                    line = _LEVEL.sub("", line, count=1)
                    self._tail.append(line)
                    if level is not None and self.trouble is None:
                        self.trouble = telling_line([line])
                elif progress[1] == "frame" and progress[2].strip().isdigit():
                    self.frames = int(progress[2])

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def messages(self) -> list[str]:
        """The last lines of stderr."""
        return list(self._tail)

    def wait(self) -> int:
        """Wait for the end and for the last message; returns the exit code, negative for a signal."""
        code = self._process.wait()
        # A grandchild may hold stderr open, so do not wait for its end for ever.
        self._drain.join(timeout=5)
        return code

    def failure(self) -> str | None:
        """After the end: why the process failed, in a few words; None if it did not."""
        code = self.wait()
        if code == 0:
            return None
        if code < 0:
            return f"ffmpeg was killed by {_signal_name(-code)}"
        return telling_line(self.messages)

    def kill(self) -> None:
        """End the process at once, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.wait()
        self._guarded.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
