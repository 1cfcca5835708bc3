"""A process for checks: whatever they do in it, there is a finding.

Libraries that are broken raise, hang or crash when they are imported, so no check runs in this process.
One after the other they share another, as importing torch takes seconds; where it is lost, a new one follows.
"""

from __future__ import annotations

import os
import signal
import traceback
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType

from vsrrg.doctor.check import Check, Finding, problem
from vsrrg.errors import one_line

GRACE = 1.0
"""Seconds for a process to end by itself."""


class Examiner:
    """The process; leaving the `with` block ends it, and all that checks have started in it."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None

    def ask(self, check: Check) -> Finding:
        """What the check finds, or what became of it."""
        try:
            if self._process is None:
                self._start()
        except OSError as error:
            return problem(f"no process can be started: {one_line(error)}", check.remedy)
        try:
            self._connection.send(check)
            if not self._connection.poll(check.limit):
                self._end(grace=0)
                return problem(f"no answer within {check.limit:g} seconds", check.remedy)
            finding = self._connection.recv()
        except (EOFError, OSError):
            return problem(f"the check crashed: {_ending(self._end())}", check.remedy)
        assert isinstance(finding, Finding)
        return finding

    def _start(self) -> None:
        context = get_context("spawn")  # A fork would share the state of libraries, and of threads.
        self._connection, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,))
        process.start()
        self._process = process
        theirs.close()

    def _end(self, grace: float = GRACE) -> int | None:
        """Ends the process, if there is one, and returns its exit code."""
        if self._process is None:
            return None
        self._connection.close()
        self._process.join(grace)
        assert self._process.pid is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        code, self._process = self._process.exitcode, None
        return code

    def __enter__(self) -> Examiner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(grace=GRACE if error is None else 0)


def attempt(check: Check) -> Finding:
    """What the check finds; that it raised, where it does."""
    try:
        return check.examine()
    except (Exception, SystemExit) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(last.filename)}:{last.lineno}"
        return problem(one_line(error), check.remedy, raised=type(error).__name__, where=where)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"


def _serve(connection: Connection) -> None:
    """Answers checks with findings until nobody asks any more."""
    os.setsid()  # ^C is for the other end to handle, which ends this group of processes.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):  # What libraries print must not come between the lines of the report.
        os.dup2(nowhere, stream)
    while True:
        try:
            check = connection.recv()
        except EOFError:
            return
        connection.send(attempt(check))
