"""What a farm says of its files is what `vsrrg derain` says; of the whole job it says more."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from time import monotonic

import click

from vsrrg.batch.events import Done, Event, Failed, Skipped, Summary, Told
from vsrrg.batch.inputs import Pair
from vsrrg.cli.say import say
from vsrrg_ray import driver
from vsrrg_ray.driver import Status
from vsrrg_ray.progress import job_bar, job_lines


class Tally:
    """Passes on what happens, under the names that users gave, and counts it."""

    def __init__(self, tell: Callable[[Told], None], pairs: Sequence[Pair], left_out: int) -> None:
        """Take who is told, the files, and how many others were left out as no videos."""
        self._tell = tell
        self._given = {os.path.abspath(pair.target): pair for pair in pairs}
        self._left_out = left_out
        self._done = self._skipped = self._frames = 0
        self._began = monotonic()
        self._stdout = sys.stdout
        self.failures: list[Failed] = []

    def __call__(self, told: Told) -> None:
        """Take what happened to a file."""
        if isinstance(told, Event):
            pair = self._given.get(os.path.abspath(told.output))
            told = told if pair is None else replace(told, input=pair.source, output=pair.target)
        match told:
            case Done():
                self._done += 1
                self._frames += told.frames - told.found
            case Failed():
                self.failures.append(told)
            case Skipped():
                self._skipped += 1
        with self._printing():
            self._tell(told)

    @contextlib.contextmanager
    def shown(self, *, quiet: bool, programs: bool) -> Iterator[Callable[[Status], None]]:
        """Gives a function that shows how far the whole job is: to people as a bar, or as a line now and
        then where stderr is no terminal; to programs as JSON.
        """
        with contextlib.nullcontext(_ignore) if quiet else _for_people() as show:
            last: Status | None = None

            def to_both(status: Status) -> None:
                nonlocal last
                if programs and status != last:
                    last = status
                    with self._printing():
                        click.echo(json.dumps({"event": "farm", **asdict(status)}))
                show(status)

            yield to_both

    def _printing(self) -> contextlib.AbstractContextManager[object]:
        """Lets what is printed go where it belongs: while Ray is there, it goes to the log otherwise."""
        return contextlib.redirect_stdout(self._stdout)

    def end(self, *, interrupted: bool = False) -> None:
        """Tells what came of all files."""
        self(
            Summary(
                files=len(self._given),
                done=self._done,
                failed=len(self.failures),
                skipped=self._skipped,
                left_out=self._left_out,
                frames=self._frames,
                seconds=monotonic() - self._began,
                interrupted=interrupted,
                failures=tuple(self.failures),
            )
        )


def _ignore(status: Status) -> None:
    """Shows nothing."""


def _for_people() -> contextlib.AbstractContextManager[Callable[[Status], None]]:
    if sys.stderr.isatty():
        return job_bar()
    return contextlib.nullcontext(job_lines(lambda line: say(line, err=True)))


def tell_speed(summary: driver.Summary) -> None:
    """Says on a terminal how fast it went."""
    if sys.stderr.isatty():
        say(
            f"vsrrg: {summary.frames} frames in {summary.seconds:.1f} s: "
            f"{summary.frames / summary.seconds:.1f} fps on {summary.workers} workers",
            err=True,
        )


def tell_rest() -> None:
    """Says what becomes of files that failed."""
    say("vsrrg: the same command tries what failed again; finished pieces are kept", err=True)
