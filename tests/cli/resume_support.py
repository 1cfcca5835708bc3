"""A job of pieces that is killed at a moment of its own choosing, counted in what it does to its files."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.ffmpeg.media import Flip
from vsrrg.cli.main import main
from vsrrg.hooks import resolve
from vsrrg.pieces import sequence

PIECE = 20


def job(words: list[str], moment: int, counted: Path | None = None) -> None:
    """Runs ``vsrrg`` with an engine that flips bits, and SIGKILL at a moment, if it comes to that.

    A moment is a frame, a process that is started, or a file that is opened, renamed or removed. How many
    there were is written to `counted`.
    """
    count = 0

    def step(*what: Any) -> None:
        nonlocal count
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, args: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" or (
            event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "fcntl.flock")
            and any(".vsrrg-" in str(arg) for arg in args[:2])
        ):
            step()

    sys.stdout = sys.stderr = io.StringIO()
    resolve.create_derainer = lambda options: Flip(step)  # type: ignore[assignment, return-value]
    sequence.PIECE = PIECE
    sys.addaudithook(audit)
    try:
        main(words)
    finally:
        if counted is not None:
            counted.write_text(str(count))
