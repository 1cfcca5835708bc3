"""The progress of a job: frames, fps and the time left; pieces, files and workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from vsrrg_ray.driver import Status

EVERY = 60.0
"""Seconds between two lines where there is no bar."""


@contextmanager
def job_bar() -> Iterator[Callable[[Status], None]]:
    """Shows a bar on stderr, a terminal, for as long as the block runs.

    Yields a function that shows how far the job is.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        TextColumn("{task.completed}/{task.fields[count]} frames"),
        TextColumn("{task.fields[fps]} fps"),
        TextColumn("eta"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting workers", total=None, count="?", fps="-")

        def show(status: Status) -> None:
            speed = bar.tasks[0].speed
            total = max(status.total, status.frames) if status.total else None
            bar.update(
                task,
                completed=status.frames,
                total=total,
                count=total or "?",
                fps=f"{speed:.1f}" if speed else "-",
                description=describe(status),
            )

        yield show


def job_lines(say: Callable[[str], None], now: Callable[[], float] = monotonic) -> Callable[[Status], None]:
    """Gives a function that says how far the job is, now and then."""
    began = last = now()
    first: int | None = None

    def show(status: Status) -> None:
        nonlocal last, first
        if first is None and status.workers:
            first = status.frames
        if now() - last < EVERY:
            return
        last = now()
        fps = (status.frames - (first or 0)) / (last - began)
        total = f"/{status.total}" if status.total else ""
        say(f"vsrrg: {status.frames}{total} frames, {fps:.1f} fps, {describe(status)}")

    return show


def describe(status: Status) -> str:
    """Pieces, files and workers, in words."""
    if not status.workers:
        return "starting workers"
    words = [f"{status.workers} worker{'s' if status.workers > 1 else ''}"]
    made, pieces = status.pieces
    if pieces:
        words.insert(0, f"{made}/{pieces} pieces")
    finished, files = status.files
    if files > 1:
        words.insert(0, f"{finished}/{files} files")
    return ", ".join(words)
