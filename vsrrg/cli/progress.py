"""What the commands show while they work, on a terminal only: a bar with frames, fps and the time left, or a
line that says what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vsrrg.hooks import Job, Observer, Summary
from vsrrg.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress


class ProgressBar(Observer):
    """A bar on stderr for as long as a job runs; nothing where stderr is not a terminal."""

    def __init__(self, place: str = "") -> None:
        """Take what stands before the name of the file, such as its place among others."""
        self._place = place
        self._bar: Progress | None = None

    def started(self, job: Job) -> None:
        """Shows the bar, under the name of the file."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        if not console.is_terminal:
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed}/{task.fields[count]} frames"),
            TextColumn("{task.fields[fps]} fps"),
            TextColumn("eta"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=console, transient=True)
        self._bar.add_task(printable(f"{self._place}{Path(job.source).name}"), total=None, count="?", fps="-")
        self._bar.start()

    def advanced(self, job: Job, done: int, total: int | None) -> None:
        """Shows the frames; a total that is an estimate may fall short."""
        if self._bar is None:
            return
        (task,) = self._bar.tasks
        speed = task.finished_speed or task.speed
        known = max(total, done) if total else None
        fps = f"{speed:.1f}" if speed else "-"
        self._bar.update(task.id, completed=done, total=known, count=known or "?", fps=fps)

    def finished(self, job: Job, summary: Summary) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def failed(self, job: Job, error: BaseException) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()


@contextmanager
def status(beginning: str) -> Iterator[Callable[[str], None]]:
    """Gives a function that shows on stderr what is done now, where that is a terminal."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what: None
        return
    with console.status(beginning) as shown:
        yield lambda what: shown.update(escape(printable(what)))
