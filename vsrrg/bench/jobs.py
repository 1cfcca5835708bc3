"""Starts a `worker` for each part, and tells them when it is their turn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from vsrrg.bench.case import Case, Effort
from vsrrg.bench.machine import Machine
from vsrrg.bench.plain import plain
from vsrrg.errors import OptionError

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class PartError(Exception):
    """A part failed; the message is the reason, in a sentence."""

    def __init__(self, reason: str, code: str = "unexpected") -> None:
        """Take the reason, and the code of the error behind it."""
        super().__init__(reason)
        self.code = code


class Worker:
    """A part in a process of its own; leaving the `with` block ends it and removes its temporary files."""

    def __init__(self, part: str, job: dict[str, Any], threads: int | None = None) -> None:
        """Starts the process and waits until it is ready; `PartError` if it fails."""
        self.notes: list[str] = []
        """What it has warned of."""
        self._folder = tempfile.TemporaryDirectory(prefix="vsrrg-bench-")
        environment = {
            **os.environ,
            # It imports what this process would, and leaves no file behind if it is killed.
            "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
            "TMPDIR": self._folder.name,
        }
        if threads is not None:
            environment |= dict.fromkeys(THREADS, str(threads))
        self._messages = Path(self._folder.name, "stderr")
        with self._messages.open("wb") as messages:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "vsrrg.bench.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=messages,
                env=environment,
                text=True,
            )
        try:
            self.ready = self._ask({"part": part, **job})
            """What it found while getting ready."""
        except BaseException:
            self._end()
            raise

    def do(self, command: str, **values: Any) -> dict[str, Any]:
        """Has the part do something and returns its answer; `PartError` if it fails."""
        return self._ask({"do": command, **values})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise PartError(self._ending())
        answer = json.loads(line)
        if "reason" in answer:
            raise PartError(answer["reason"], answer["code"])
        self.notes = answer["notes"]
        outcome: dict[str, Any] = answer["outcome"]
        return outcome

    def _ending(self) -> str:
        """Why there was no answer."""
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return "its process was killed, as the system does when memory runs out: choose a smaller size"
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        lines = self._messages.read_text(errors="replace").strip().splitlines()
        return f"its process ended without an answer ({lines[-1] if lines else f'exit code {code}'})"

    def _end(self) -> None:
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._folder.cleanup()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()


def machine(device: str | None) -> Machine:
    """This machine, with the device chosen; OptionError for a device that is not there."""
    try:
        with Worker("machine", {"device": device}) as worker:
            return Machine(**worker.ready)
    except PartError as error:
        raise OptionError(error.code, str(error)) from None


def start(part: str, case: Case, effort: Effort, **more: Any) -> Worker:
    """A worker for a part of a case, ready; `PartError` if it fails."""
    video = None if effort.video is None else str(effort.video.absolute())
    job = {"case": plain(case), "effort": {**plain(effort), "video": video}, "more": more}
    return Worker(part, job, case.threads)
