"""What ``vsrrg derain`` says of its files: to people on stderr, to programs on stdout."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from vsrrg.batch.events import Done, Failed, Note, Planned, Skipped, Start, Summary, Told, to_json
from vsrrg.cli.progress import ProgressBar
from vsrrg.cli.say import say
from vsrrg.hooks import Observer
from vsrrg.printable import printable


class Teller:
    """Tells people what they need to know, and how it goes on a terminal only; and programs everything."""

    def __init__(self, *, many: bool, quiet: bool, programs: bool) -> None:
        """Say whether there may be several files, whether people want to know, and programs."""
        self._many = many
        self._quiet = quiet
        self._programs = programs
        self._place = ""
        self._plans: list[Planned] = []
        self._older = 0
        """Outputs that were there, but older than their input."""

    def observers(self) -> Sequence[Observer]:
        """A progress bar for the file that was begun."""
        return [] if self._quiet else [ProgressBar(self._place)]

    def tell(self, told: Told) -> None:
        """Says it, or keeps it for the end."""
        if self._programs:
            click.echo(to_json(told))
        match told:
            case Start():
                self._place = f"{told.file}/{told.files} " if self._many else ""
            case Note():
                self._say(f"vsrrg: {told.output} {told.text}")
            case Planned():
                self._plans.append(told)
            case Skipped():
                self._older += told.older
            case Done():
                self._done(told)
            case Summary():
                self._summary(told)

    def _say(self, text: str) -> None:
        if not self._quiet:
            say(text, err=True)

    def _done(self, done: Done) -> None:
        if done.dropped:
            name = f"{done.output}: " if self._many else ""
            suffix = done.output.suffix
            hint = "" if suffix.lower() == ".mkv" else "; .mkv would"
            self._say(f"vsrrg: {name}{suffix} holds no {', no '.join(done.dropped)}{hint}")
        if sys.stderr.isatty():
            self._say(f"{done.output}: {done.frames} frames in {done.seconds:.1f} s: {done.fps:.1f} fps")

    def _summary(self, summary: Summary) -> None:
        if self._plans and not self._programs:
            print_plans(self._plans)
        if not self._many:
            return
        if summary.failures:
            print_failures(summary.failures)
        if summary.skipped:
            older = f", {self._older} of them older than the input" if self._older else ""
            there = _count(summary.skipped, "output was", "outputs were")
            self._say(f"vsrrg: {there} there already{older}; --overwrite makes them anew")
        if summary.left_out:
            left_out = _count(summary.left_out, "file was", "files were")
            self._say(f"vsrrg: {left_out} left out as no video, to judge by the suffix")
        if summary.failures or sys.stderr.isatty():
            done = "would be done" if self._plans else "done"
            files = _count(summary.files, "file", "files")
            self._say(f"vsrrg: {summary.done} of {files} {done}, {summary.failed} failed")


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def print_plans(plans: Sequence[Planned]) -> None:
    """Prints what would be done, to stdout."""
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    rows = [
        (
            escape(printable(plan.input)),
            escape(printable(plan.output)),
            "?" if plan.frames is None else str(plan.frames),
            f"{plan.width}x{plan.height} {plan.pix_fmt}",
            plan.container,
            escape(" ".join([plan.encoder, *(f"{name}={value}" for name, value in plan.settings.items())])),
            escape(", ".join(plan.dropped)),
        )
        for plan in plans
    ]
    print_table(("input", "output", "frames", "video", "container", "encoder", "dropped"), rows)


def print_failures(failures: Sequence[Failed]) -> None:
    """Prints which inputs failed, and why, to stderr."""
    from rich.markup import escape

    from vsrrg.cli.tables import print_table

    rows = [
        (escape(printable(failed.input)), escape(printable(f"{failed.error} [{failed.code}]")))
        for failed in failures
    ]
    print_table(("failed", "why"), rows, err=True)
